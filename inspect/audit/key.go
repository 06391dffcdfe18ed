package audit

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"golang.org/x/mod/sumdb/note"
)

// A Key signs checkpoints and manifests. The salts of commitments are derived from
// it.
type Key struct {
	signer note.Signer
	vkey   string
	salts  []byte
}

// GenerateKey generates a key with a name, such as the name of the store. It
// returns the private key, a note signer key on one line, and its verifier key.
func GenerateKey(random io.Reader, name string) (private, vkey string, err error) {
	if err := CheckName(name); err != nil {
		return "", "", err
	}
	return note.GenerateKey(random, name)
}

// CheckName returns an error if a key's name is not valid.
func CheckName(name string) error {
	switch {
	case name == "":
		return errors.New("a key needs a name")
	case strings.ContainsFunc(name, func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r) || r == '+' || r == unicode.ReplacementChar
	}):
		return fmt.Errorf("the name %q contains a space, a plus sign or an unprintable character", name)
	}
	return nil
}

// ParseKey parses a private key. Its errors do not contain the key.
func ParseKey(text []byte) (*Key, error) {
	line := string(bytes.TrimSpace(text))
	signer, err := note.NewSigner(line)
	if err != nil {
		return nil, errors.New("it is not a note signer key (PRIVATE+KEY+…)")
	}
	// NewSigner has checked the form: PRIVATE, KEY, name, hash, and in base64, which
	// may hold a plus sign, the algorithm and the seed.
	raw, err := base64.StdEncoding.DecodeString(strings.SplitN(line, "+", 5)[4])
	if err != nil || len(raw) != 1+ed25519.SeedSize {
		return nil, errors.New("it is not an Ed25519 key")
	}
	seed := raw[1:]
	public := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	k := &Key{signer: signer}
	if k.vkey, err = note.NewEd25519VerifierKey(signer.Name(), public); err != nil {
		return nil, err
	}
	k.salts, err = hkdf.Key(sha256.New, seed, nil, "asof audit salts/1", sha256.Size)
	return k, err
}

// VerifierKey returns the public key in note format: name+hash+key.
func (k *Key) VerifierKey() string { return k.vkey }

// Name returns the name of the key, which is the origin of its checkpoints.
func (k *Key) Name() string { return k.signer.Name() }

// A Verifier verifies the signatures of a key.
type Verifier = note.Verifier

// ParseVerifier parses a verifier key. Lines after it, as in the text that
// [PublicText] returns, are ignored.
func ParseVerifier(text string) (Verifier, error) {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	v, err := note.NewVerifier(strings.TrimSpace(line))
	if err != nil {
		return nil, fmt.Errorf("%q is not a verifier key (name+hash+key)", shorten(line))
	}
	return v, nil
}

// PublicText returns the verifier key on a line, followed by the same key as a PEM
// block for openssl.
func PublicText(vkey string) ([]byte, error) {
	public, err := publicKey(vkey)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, err
	}
	return append([]byte(vkey+"\n"), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})...), nil
}

func publicKey(vkey string) (ed25519.PublicKey, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) < 3 {
		return nil, errors.New("it is not a verifier key")
	}
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(raw) != 1+ed25519.PublicKeySize {
		return nil, errors.New("it is not an Ed25519 verifier key")
	}
	return raw[1:], nil
}

// shorten truncates text for a message.
func shorten(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
