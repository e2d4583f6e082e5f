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
		p := &ctrProof{nonce: in.hexOf("nonce", 32), ctrID: in.hexOf("ctrId", 32),
			certificate: in.hex("certificate"), signature: in.hexOf("signature", 64)}
		if in.has("delegation") {
			p.delegation = in.hex("delegation")
		}
		return func() any { return obj{"proof": p.encode()} }
	},
	"decodeCtrProof": func(in *reader) func() any {
		text := in.text("proof")
		return func() any {
			p := decodeCtrProof(text)
			proof := obj{"nonce": hx(p.nonce), "ctrId": hx(p.ctrID), "certificate": hx(p.certificate), "signature": hx(p.signature)}
			if p.delegation != nil {
				proof["delegation"] = hx(p.delegation)
			}
			return proof
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
	"verifyDelegation": func(in *reader) func() any {
		certificate, signer, now := in.hex("certificate"), in.hexOf("signer", 32), in.num("now")
		return func() any {
			key, expiresAt := verifyDelegation(certificate, signer, now)
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
