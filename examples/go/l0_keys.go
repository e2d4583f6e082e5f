package main

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"slices"
)

// An rsaPublic is a key within the bounds of spec/functions.md ("Keys"); the library's has others.
type rsaPublic struct{ n, e *big.Int }

var rsaAlgorithm = unhex("300d06092a864886f70d0101010500", "RSA")

// rsaOf reads an RSAPublicKey in DER.
func rsaOf(der []byte) *rsaPublic {
	var pair struct{ N, E *big.Int }
	rest, err := asn1.Unmarshal(der, &pair)
	if err != nil || len(rest) > 0 {
		return nil
	}
	again, err := asn1.Marshal(pair)
	bits := pair.N.BitLen()
	fits := pair.N.Sign() > 0 && bits >= 1024 && bits <= 8192 && pair.N.Bit(0) == 1
	odd := pair.E.Sign() > 0 && pair.E.BitLen() >= 2 && pair.E.BitLen() <= 32 && pair.E.Bit(0) == 1
	if err != nil || !bytes.Equal(again, der) || !fits || !odd {
		return nil
	}
	return &rsaPublic{pair.N, pair.E}
}

// rsaSPKI wraps an RSAPublicKey.
func rsaSPKI(der []byte) []byte {
	return wrap(tagSequence, join(rsaAlgorithm, wrap(tagBits, join([]byte{0}, der))))
}

// hashNames begin the DigestInfo of each hash [RFC 8017 9.2]; without a hash it is the digest alone.
var hashNames = map[crypto.Hash]string{
	0:             "",
	crypto.SHA1:   "3021300906052b0e03021a05000414",
	crypto.SHA256: "3031300d060960864801650304020105000420",
	crypto.SHA384: "3041300d060960864801650304020205000430",
	crypto.SHA512: "3051300d060960864801650304020305000440",
}

// signed is RSASSA-PKCS1-v1_5.
func (k *rsaPublic) signed(hash crypto.Hash, digest, signature []byte) bool {
	size := (k.n.BitLen() + 7) / 8
	s := new(big.Int).SetBytes(signature)
	if len(signature) != size || s.Cmp(k.n) >= 0 {
		return false
	}
	info := join(unhex(hashNames[hash], "DigestInfo"), digest)
	padded := join([]byte{0, 1}, bytes.Repeat([]byte{0xff}, size-3-len(info)), []byte{0}, info)
	return bytes.Equal(s.Exp(s, k.e, k.n).FillBytes(make([]byte, size)), padded)
}

// smallOrder are the y of the eight points of small order.
var smallOrder = []string{
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
}

// ed25519Signed is false under every key that is none of spec/functions.md's.
func ed25519Signed(key, message, signature []byte) bool {
	y := append([]byte{}, key...)
	y[31] &= 0x7f
	backwards := append([]byte{}, y...)
	slices.Reverse(backwards)
	prime := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	reduced := new(big.Int).SetBytes(backwards).Cmp(prime) < 0
	return reduced && !slices.Contains(smallOrder, hx(y)) && ed25519.Verify(key, message, signature)
}

// parseKey takes a SubjectPublicKeyInfo in DER and nothing else; the library passes over what is behind the key.
func parseKey(spki []byte) (key any, ok bool) {
	var info struct {
		Algorithm asn1.RawValue
		Key       asn1.BitString
	}
	rest, err := asn1.Unmarshal(spki, &info)
	if err == nil && len(rest) == 0 && bytes.Equal(info.Algorithm.FullBytes, rsaAlgorithm) {
		k := rsaOf(info.Key.Bytes)
		return k, k != nil && bytes.Equal(rsaSPKI(info.Key.Bytes), spki)
	}
	key, err = x509.ParsePKIXPublicKey(spki)
	if err != nil {
		return nil, false
	}
	if k, isECDSA := key.(*ecdsa.PublicKey); isECDSA && k.Curve != elliptic.P256() && k.Curve != elliptic.P384() {
		return nil, false
	}
	again, err := x509.MarshalPKIXPublicKey(key)
	return key, err == nil && bytes.Equal(again, spki)
}
