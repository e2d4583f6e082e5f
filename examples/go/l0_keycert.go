package main

import (
	"crypto/sha1"
	"strings"
)

const (
	maxKeyDocument = 1 << 20 // CONS-003.4
	maxKeyCerts    = 256
	keyCertStart   = "dir-key-certificate-version "
)

// A keyCert binds an authority's signing key to its identity key (CONS-003).
type keyCert struct {
	identity, keyDigest    string
	key                    *rsaPublic
	der                    []byte // of the signing key
	publishedAt, expiresAt int64
}

func (c *keyCert) fields() obj {
	return obj{"identity": c.identity, "signingKeyDigest": c.keyDigest, "signingKey": hx(rsaSPKI(c.der)),
		"publishedAt": dec(c.publishedAt), "expiresAt": dec(c.expiresAt)}
}

// splitKeyCerts takes a document apart before each certificate's first line.
func splitKeyCerts(document []byte) []string {
	need(len(document) <= maxKeyDocument && strings.HasPrefix(string(document), keyCertStart), "badKeyCertificates")
	texts := strings.Split("\n"+string(document), "\n"+keyCertStart)[1:]
	need(len(texts) <= maxKeyCerts, "badKeyCertificates")
	for i := range texts {
		texts[i] = keyCertStart + texts[i]
		if i < len(texts)-1 {
			texts[i] += "\n"
		}
	}
	return texts
}

// goodKeyCerts leaves those out that are refused.
func goodKeyCerts(document []byte) []*keyCert {
	list := []*keyCert{}
	texts, _ := attempt(func() []string { return splitKeyCerts(document) })
	for _, text := range texts {
		if c, failed := attempt(func() *keyCert { return readKeyCert(text) }); failed == "" {
			list = append(list, c)
		}
	}
	return list
}

func readKeyCert(text string) *keyCert {
	const bad = "badKeyCertificate"
	items := readItems(text, 64, bad)
	last := items[len(items)-1]
	need(items[0].keyword+" " == keyCertStart && last.keyword == "dir-key-certification", bad)
	once := func(keyword string) item { return onlyItem(items, keyword, bad) }
	version := once("dir-key-certificate-version")
	need(len(version.args) > 0 && version.args[0] == "3", bad)
	named := once("fingerprint")
	c := &keyCert{publishedAt: once("dir-key-published").timeOf(bad), expiresAt: once("dir-key-expires").timeOf(bad)}
	identityDER := once("dir-identity-key").object(bad, "RSA PUBLIC KEY")
	signingDER := once("dir-signing-key").object(bad, "RSA PUBLIC KEY")
	crosscert := once("dir-key-crosscert").object(bad, "ID SIGNATURE", "SIGNATURE")
	certification := once("dir-key-certification").object(bad, "SIGNATURE")
	c.identity, c.keyDigest = sha1Text(identityDER), sha1Text(signingDER)
	need(len(named.args) > 0 && strings.ToLower(named.args[0]) == c.identity, "otherFingerprint")
	c.key, c.der = rsaKey(signingDER, "badCrosscert"), signingDER
	need(bareSigned(c.key, unhex(c.identity, "fingerprint"), crosscert), "badCrosscert")
	signed := sha1.Sum([]byte(text[:last.end]))
	need(bareSigned(rsaKey(identityDER, "badCertification"), signed[:], certification), "badCertification")
	return c
}

func onlyItem(items []item, keyword, bad string) item {
	var found []item
	for _, i := range items {
		if i.keyword == keyword {
			found = append(found, i)
		}
	}
	need(len(found) == 1, bad)
	return found[0]
}

// object is an item's object under one of the labels.
func (i item) object(bad string, labels ...string) []byte {
	for _, label := range labels {
		if i.label == label && i.data != nil {
			return i.data
		}
	}
	fail(bad)
	return nil
}

func rsaKey(der []byte, bad string) *rsaPublic {
	key := rsaOf(der)
	need(key != nil, bad)
	return key
}

func sha1Text(b []byte) string {
	sum := sha1.Sum(b)
	return hx(sum[:])
}

// bareSigned is RSASSA-PKCS1-v1_5 over a digest without AlgorithmIdentifier (CONS-002.4).
func bareSigned(key *rsaPublic, digest, signature []byte) bool {
	return key.signed(0, digest, signature)
}
