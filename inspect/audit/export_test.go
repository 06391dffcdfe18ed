package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"asof/replay/state"
)

func init() { fsync = func(*os.File) error { return nil } }

// CommitPayload returns the commitment to a payload with the secret of its event.
func CommitPayload(secret, payload string) string {
	raw, err := hex.DecodeString(secret)
	if err != nil {
		panic(err)
	}
	var c committer
	c.begin(raw)
	return hexOf(c.bytes(forPayload, c.salt("payload", nil), []byte(payload)))
}

// RecordText returns the text of a record.
func RecordText(r *Record) string { return string(r.append(nil)) }

// LeafHash returns the hash of a leaf in hexadecimal.
func LeafHash(data []byte) string { return hexOf(leafHash(data)) }

// RootOf returns the root over leaves in hexadecimal.
func RootOf(leaves [][]byte) string {
	root, err := rootOf(hashesOf(leaves))
	if err != nil {
		panic(err)
	}
	return hexOf(root)
}

// rootOf returns the root over leaf hashes.
func rootOf(leaves []tlog.Hash) (tlog.Hash, error) {
	var t tree
	for _, h := range leaves {
		if _, err := t.add(h); err != nil {
			return tlog.Hash{}, err
		}
	}
	return t.root()
}

func hashesOf(leaves [][]byte) (out []tlog.Hash) {
	for _, l := range leaves {
		out = append(out, leafHash(l))
	}
	return out
}

// PathOf returns the inclusion proof of leaf n in hexadecimal.
func PathOf(leaves [][]byte, n int64) []string {
	ps, _, err := proofs(int64(len(leaves)), []int64{n}, func(add func(tlog.Hash) error) error {
		for _, h := range hashesOf(leaves) {
			if err := add(h); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		panic(err)
	}
	out := []string{}
	for _, h := range ps[0] {
		out = append(out, hexOf(h))
	}
	return out
}

// Cell returns text as a cell of CSV.
func Cell(s string) string {
	var w csvTrail
	w.cell(s)
	return string(w.b)
}

// Markdown returns text escaped for a cell of a Markdown table.
func Markdown(s string) string { return markdown(s) }

// HTML returns text escaped for HTML.
func HTML(s string) string { return esc(s) }

// Matches reports whether the redaction withholds the field at a path.
func (r *Redaction) Matches(path string) bool {
	tokens, err := state.ParsePointer(path)
	if err != nil {
		panic(err)
	}
	return r.withholds(tokens, false)
}

// RunFailing runs an export whose writes fail after the given number of bytes.
func (x *Export) RunFailing(ctx context.Context, dir string, after int64, fail error) error {
	b, err := newBundle(dir)
	if err != nil {
		return err
	}
	defer b.discard()
	create := b.create
	b.create = func(path string) (io.WriteCloser, error) {
		f, err := create(path)
		return &failing{f, &after, fail}, err
	}
	_, err = x.into(ctx, b)
	return err
}

type failing struct {
	io.WriteCloser
	left *int64
	err  error
}

func (f *failing) Write(p []byte) (int, error) {
	if *f.left -= int64(len(p)); *f.left < 0 {
		return 0, f.err
	}
	return f.WriteCloser.Write(p)
}

// Resign makes an edited bundle consistent again, as its owner would: it computes the
// tree, the checkpoint, the sums, the manifest and its signature. Sums that start
// with "!" stay as they are.
func Resign(files map[string][]byte, k *Key) {
	var t tree
	for line := range strings.FieldsSeq(string(files[fileTree])) {
		raw, err := hex.DecodeString(line)
		if err != nil {
			panic(err)
		}
		if _, err := t.add(tlog.Hash(raw)); err != nil {
			panic(err)
		}
	}
	checkpoint, err := k.checkpoint(&t)
	if err != nil {
		panic(err)
	}
	if string(checkpoint) != string(files[fileCheckpoint]) {
		root, _ := t.root()
		report, err := state.Parse(files[fileReport])
		if err != nil {
			panic(err)
		}
		c := report.Node().Get("checkpoint").Node()
		c.Set("size", integer(t.size))
		c.Set("root", state.StringValue(hexOf(root)))
		files[fileReport] = state.AppendJSON(nil, report)
		files[fileCheckpoint] = checkpoint
	}
	sums := files[fileSums]
	b := bundle{}
	for _, name := range listed {
		if text, ok := files[name]; ok && name != fileSums {
			b.files = append(b.files, fileSum{name, int64(len(text)), sha256.Sum256(text)})
		}
	}
	if want, edited := b.sumsText(), strings.HasPrefix(string(sums), "!"); !edited {
		files[fileSums] = want
	}
	b.files = append(b.files, fileSum{fileSums, int64(len(files[fileSums])), sha256.Sum256(files[fileSums])})
	files[fileManifest] = b.manifest(k.vkey)
	if files[fileSignature], err = k.signer.Sign(files[fileManifest]); err != nil {
		panic(err)
	}
}

// Integer returns a number as JSON.
func Integer(n int64) state.Value { return integer(n) }
