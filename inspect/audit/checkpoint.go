package audit

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/transparency-dev/formats/log"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// checkpoint signs the current tree. Its origin is the name of the key.
func (k *Key) checkpoint(t *tree) ([]byte, error) {
	root, err := t.root()
	if err != nil {
		return nil, err
	}
	c := log.Checkpoint{Origin: k.Name(), Size: uint64(t.size), Hash: root[:]}
	return note.Sign(&note.Note{Text: string(c.Marshal())}, k.signer)
}

// A Checkpoint is the signed size and root of a tree.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   tlog.Hash
}

// errWrongKey reports a checkpoint that is signed by another key.
var errWrongKey = errors.New("it is signed by another key than the one given")

// maxCheckpoint is the maximum size of a checkpoint in bytes.
const maxCheckpoint = 1 << 20

// OpenCheckpoint reads a checkpoint and verifies its signature.
func OpenCheckpoint(text []byte, v note.Verifier) (*Checkpoint, error) {
	c, _, n, err := log.ParseCheckpoint(text, v.Name(), v)
	var unverified *note.UnverifiedNoteError
	var invalid *note.InvalidSignatureError
	switch {
	case errors.As(err, &unverified):
		return nil, errWrongKey
	case errors.As(err, &invalid):
		return nil, errors.New("its signature does not match its text")
	case err != nil && n == nil && errors.Is(checkpointSignedBy(text, v), errWrongKey):
		return nil, errWrongKey
	case err != nil:
		return nil, err
	case !everyLine(text, v):
		return nil, errors.New("one of its signatures by this key does not match its text")
	case len(c.Hash) != tlog.HashSize || c.Size > 1<<62:
		return nil, fmt.Errorf("it has %d leaves and a root of %d bytes", c.Size, len(c.Hash))
	}
	return &Checkpoint{Origin: c.Origin, Size: int64(c.Size), Root: tlog.Hash(c.Hash)}, nil
}

// everyLine reports whether all signature lines that name a key are valid. Opening a
// note checks only the first of them.
func everyLine(text []byte, v note.Verifier) bool {
	at := bytes.LastIndex(text, []byte("\n\n"))
	if at < 0 {
		return false
	}
	signed := text[:at+1]
	for line := range bytes.Lines(text[at+2:]) {
		name, encoded, _ := strings.Cut(strings.TrimPrefix(strings.TrimSuffix(string(line), "\n"), "— "), " ")
		sig, err := base64.StdEncoding.Strict().DecodeString(encoded)
		if err != nil || len(sig) < 4 {
			return false
		}
		if name == v.Name() && binary.BigEndian.Uint32(sig) == v.KeyHash() && !v.Verify(signed, sig[4:]) {
			return false
		}
	}
	return true
}

// checkpointSignedBy returns errWrongKey for a note that another key signed, and the
// error of opening it otherwise.
func checkpointSignedBy(text []byte, v note.Verifier) error {
	_, err := note.Open(text, note.VerifierList(v))
	var unverified *note.UnverifiedNoteError
	if errors.As(err, &unverified) {
		return errWrongKey
	}
	return err
}
