package main

// torFunctions are onion addresses, CTR authentication and the consensus document.
var torFunctions = map[string]func(*reader) func() any{
	"encodeOnionAddress": func(in *reader) func() any {
		key := in.hexOf("key", 32)
		return func() any { return obj{"address": encodeOnionAddress(key)} }
	},
	"decodeOnionAddress": func(in *reader) func() any {
		address := in.text("address")
		return func() any { return obj{"key": hx(decodeOnionAddress(address))} }
	},
	"encodeCtrProof": func(in *reader) func() any {
		p := &ctrProof{in.hexOf("nonce", 32), in.hexOf("ctrId", 32), in.hex("certificate"), in.hexOf("signature", 64)}
		return func() any { return obj{"proof": p.encode()} }
	},
	"decodeCtrProof": func(in *reader) func() any {
		text := in.text("proof")
		return func() any {
			p := decodeCtrProof(text)
			return obj{"nonce": hx(p.nonce), "ctrId": hx(p.ctrID), "certificate": hx(p.certificate), "signature": hx(p.signature)}
		}
	},
	"ctrProofMessage": func(in *reader) func() any {
		key, nonce, digest := in.hexOf("auditorKey", 32), in.hexOf("nonce", 32), in.hexOf("consensusDigest", 32)
		return func() any { return obj{"bytes": hx(ctrProofMessage(key, nonce, digest))} }
	},
	"verifyCtrProof": func(in *reader) func() any {
		text, key, nonce, now := in.text("proof"), in.hexOf("auditorKey", 32), in.hexOf("nonce", 32), in.num("now")
		list := []*consensus{}
		for _, v := range in.list("consensuses") {
			list = append(list, readConsensus(object(v, "consensus")))
		}
		return func() any { return verifyCtrProof(text, key, nonce, list, now) }
	},
	"verifySigningKeyCert": func(in *reader) func() any {
		certificate, identity, now := in.hex("certificate"), in.hexOf("identity", 32), in.num("now")
		return func() any {
			key, expiresAt := verifySigningKeyCert(certificate, identity, now)
			return obj{"signingKey": hx(key), "expiresAt": dec(expiresAt)}
		}
	},
	"parseConsensus": func(in *reader) func() any {
		document, authorities := in.hex("document"), in.hexes("authorities")
		for _, key := range authorities {
			if len(key) != 32 {
				badShape("an authority's key has %d bytes", len(key))
			}
		}
		return func() any { return parseConsensus(document, authorities) }
	},
}
