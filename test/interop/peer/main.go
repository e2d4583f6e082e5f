// Verifies SFOs and inclusion proofs with certificate-transparency-go and transparency-dev/merkle, the field's own libraries, so that
// their verdicts and ours can be compared. Reads JSON lines from the file that is named; with -bench also says how many a second.
package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"time"

	ct "github.com/google/certificate-transparency-go"
	"github.com/google/certificate-transparency-go/ctutil"
	"github.com/google/certificate-transparency-go/tls"
	"github.com/google/certificate-transparency-go/x509"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
)

type line struct {
	ID   string `json:"id"`
	Kind string `json:"kind"`
	// Of an SFO: the log's key (base64 SPKI) and the body as it is submitted.
	Key  string `json:"key"`
	Body string `json:"body"`
	// Of an inclusion proof: hashes in hexadecimal.
	LeafHash string   `json:"leafHash"`
	Index    uint64   `json:"leafIndex"`
	Size     uint64   `json:"size"`
	Root     string   `json:"root"`
	Path     []string `json:"path"`
}

type sfo struct {
	Chain []string `json:"x509_chain"`
	SCTs  []string `json:"sct_data_v1"`
}

var verifiers = map[string]*ct.SignatureVerifier{}

func main() {
	bench := flag.Duration("bench", 0, "for how long each kind is repeated, on one core")
	flag.Parse()
	lines, err := read(flag.Arg(0))
	if err != nil {
		fmt.Fprintln(os.Stderr, "peer:", err)
		os.Exit(1)
	}
	out := json.NewEncoder(os.Stdout)
	if *bench > 0 {
		runtime.GOMAXPROCS(1)
		for _, kind := range []string{"sfo", "inclusion"} {
			_ = out.Encode(map[string]any{"kind": kind, "perSecond": rate(lines, kind, *bench)})
		}
		return
	}
	for _, one := range lines {
		verdict, why := "valid", ""
		if err := judge(one, true); err != nil {
			verdict, why = "invalid", err.Error()
		}
		_ = out.Encode(map[string]string{"id": one.ID, "verdict": verdict, "why": why})
	}
}

func read(file string) ([]line, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, 1<<22)
	var lines []line
	for scanner.Scan() {
		var one line
		if err := json.Unmarshal(scanner.Bytes(), &one); err != nil {
			return nil, err
		}
		lines = append(lines, one)
	}
	return lines, scanner.Err()
}

// Rounds over all lines of the kind that are valid; the SCT alone, as a relay's hot path has it.
func rate(lines []line, kind string, d time.Duration) float64 {
	var valid []line
	for _, one := range lines {
		if one.Kind == kind && judge(one, true) == nil {
			valid = append(valid, one)
		}
	}
	done, began := 0, time.Now()
	for time.Since(began) < d {
		for _, one := range valid {
			if err := judge(one, false); err != nil {
				panic(err)
			}
			done++
		}
	}
	return float64(done) / time.Since(began).Seconds()
}

func judge(one line, wholeChain bool) error {
	if one.Kind == "inclusion" {
		return judgeInclusion(one)
	}
	chain, sct, err := decode(one.Body)
	if err != nil {
		return err
	}
	verifier, err := verifierOf(one.Key)
	if err != nil {
		return err
	}
	key, _ := base64.StdEncoding.DecodeString(one.Key)
	if sct.LogID.KeyID != sha256.Sum256(key) {
		return errors.New("another log's SCT")
	}
	embedded, err := ctutil.ContainsSCT(chain[0], sct)
	if err != nil {
		return err
	}
	if err := ctutil.VerifySCTWithVerifier(verifier, chain, sct, embedded); err != nil {
		return err
	}
	if !wholeChain {
		return nil
	}
	return judgeChain(chain)
}

// Each certificate is signed by the next, and the last by itself if its names say so.
func judgeChain(chain []*x509.Certificate) error {
	for i, child := range chain {
		parent := child
		if i+1 < len(chain) {
			parent = chain[i+1]
		} else if !bytes.Equal(child.RawIssuer, child.RawSubject) {
			return nil
		}
		if err := parent.CheckSignature(child.SignatureAlgorithm, child.RawTBSCertificate, child.Signature); err != nil {
			return fmt.Errorf("certificate %d: %w", i, err)
		}
	}
	return nil
}

func decode(body string) ([]*x509.Certificate, *ct.SignedCertificateTimestamp, error) {
	var list []sfo
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		return nil, nil, err
	}
	if len(list) != 1 || len(list[0].SCTs) != 1 || len(list[0].Chain) == 0 {
		return nil, nil, errors.New("not one SFO with one SCT")
	}
	chain := make([]*x509.Certificate, 0, len(list[0].Chain))
	for _, text := range list[0].Chain {
		block, _ := pem.Decode([]byte(text))
		if block == nil {
			return nil, nil, errors.New("no PEM")
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if x509.IsFatal(err) {
			return nil, nil, err
		}
		chain = append(chain, certificate)
	}
	sct, err := decodeSCT(list[0].SCTs[0])
	return chain, sct, err
}

func decodeSCT(text string) (*ct.SignedCertificateTimestamp, error) {
	bytes, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	var scts x509.SignedCertificateTimestampList
	if rest, err := tls.Unmarshal(bytes, &scts); err != nil || len(rest) != 0 || len(scts.SCTList) != 1 {
		return nil, errors.New("not a list of one SCT")
	}
	var sct ct.SignedCertificateTimestamp
	rest, err := tls.Unmarshal(scts.SCTList[0].Val, &sct)
	if err != nil || len(rest) != 0 {
		return nil, errors.New("not an SCT")
	}
	return &sct, nil
}

func verifierOf(key string) (*ct.SignatureVerifier, error) {
	if known, ok := verifiers[key]; ok {
		return known, nil
	}
	public, err := ct.PublicKeyFromB64(key)
	if err != nil {
		return nil, err
	}
	verifier, err := ct.NewSignatureVerifier(public)
	if err == nil {
		verifiers[key] = verifier
	}
	return verifier, err
}

func judgeInclusion(one line) error {
	leaf, err := hex.DecodeString(one.LeafHash)
	if err != nil {
		return err
	}
	root, err := hex.DecodeString(one.Root)
	if err != nil {
		return err
	}
	path := make([][]byte, len(one.Path))
	for i, text := range one.Path {
		if path[i], err = hex.DecodeString(text); err != nil {
			return err
		}
	}
	return proof.VerifyInclusion(rfc6962.DefaultHasher, one.Index, one.Size, leaf, path, root)
}
