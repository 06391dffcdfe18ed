package audit

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/state"
)

// The files of a bundle.
const (
	fileEvents     = "events.ndjson"
	fileStored     = "stored.ndjson"
	fileLeaves     = "leaves.ndjson"
	fileOutline    = "outline.ndjson"
	fileTree       = "tree.txt"
	fileStreams    = "streams.json"
	fileChanges    = "states/changes.ndjson"
	fileEnds       = "states/ends.ndjson"
	fileReport     = "report.json"
	fileCoverage   = "coverage.json"
	fileAnomalies  = "anomalies.json"
	fileRedactions = "redactions.ndjson"
	fileCheckpoint = "checkpoint"
	filePublic     = "key.pub"
	fileReadme     = "README.txt"
	fileSums       = "SHA256SUMS"
	fileManifest   = "manifest.json"
	fileSignature  = "manifest.sig"
)

// listed are the files that the manifest lists; all but those of optional must be
// there.
var listed = []string{
	fileEvents, fileStored, fileLeaves, fileOutline, fileTree, fileStreams, fileChanges, fileEnds, fileReport,
	fileCoverage, fileAnomalies, fileRedactions, fileCheckpoint, filePublic, fileReadme, fileSums,
}

var optional = map[string]bool{fileChanges: true, fileEnds: true, fileRedactions: true, fileOutline: true}

// fsync is left out by tests that write thousands of bundles.
var fsync = (*os.File).Sync

// Format names what a bundle is and how it is to be read.
const Format = "asof-audit/2"

// A bundle is a folder in the making. It is written aside and gets its name when
// it is whole.
type bundle struct {
	dir, aside string
	files      []fileSum
	create     func(path string) (io.WriteCloser, error)
}

type fileSum struct {
	name  string
	bytes int64
	sum   [sha256.Size]byte
}

// writeError words an error of writing; a full disk is told as one.
func writeError(path string, err error) error {
	if err == nil {
		return nil
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return &replay.StoreError{Path: path, Op: "write", Err: err, Next: fault.Try("nothing was left behind; see that there is room and that the folder can be written")}
}

// newBundle begins a bundle. dir must not be there.
func newBundle(dir string) (*bundle, error) {
	dir = filepath.Clean(dir)
	if _, err := os.Lstat(dir); err == nil {
		return nil, &replay.StoreError{Path: dir, Op: "write", Err: errors.New("it is there already"), Next: fault.Try("name another folder, or move that one away")}
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o777); err != nil {
		return nil, writeError(dir, err)
	}
	aside, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+".unfinished-*")
	if err != nil {
		return nil, writeError(dir, err)
	}
	b := &bundle{dir: dir, aside: aside}
	b.create = func(path string) (io.WriteCloser, error) {
		return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	}
	if err := os.Chmod(aside, 0o755); err != nil {
		b.discard()
		return nil, writeError(dir, err)
	}
	return b, nil
}

// discard removes what was written.
func (b *bundle) discard() { _ = os.RemoveAll(b.aside) }

// A file of a bundle in the making.
type outFile struct {
	b    *bundle
	name string
	to   io.WriteCloser
	buf  *bufio.Writer
	hash hash.Hash
	n    int64
	line []byte
}

func (b *bundle) file(name string) (*outFile, error) {
	path := filepath.Join(b.aside, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, writeError(b.dir, err)
	}
	to, err := b.create(path)
	if err != nil {
		return nil, writeError(b.dir, err)
	}
	f := &outFile{b: b, name: name, to: to, hash: sha256.New()}
	f.buf = bufio.NewWriterSize(io.MultiWriter(to, f.hash), 1<<16)
	return f, nil
}

func (f *outFile) write(p []byte) error {
	n, err := f.buf.Write(p)
	f.n += int64(n)
	return writeError(f.b.dir, err)
}

// json writes a value as one line.
func (f *outFile) json(v state.Value) error {
	f.line = append(state.AppendJSON(f.line[:0], v), '\n')
	return f.write(f.line)
}

// close ends the file and notes its hash.
func (f *outFile) close() error {
	err := f.buf.Flush()
	if file, ok := f.to.(*os.File); ok && err == nil {
		err = fsync(file)
	}
	if cerr := f.to.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return writeError(f.b.dir, err)
	}
	s := fileSum{name: f.name, bytes: f.n}
	f.hash.Sum(s.sum[:0])
	f.b.files = append(f.b.files, s)
	return nil
}

// put writes a small file whole.
func (b *bundle) put(name string, data []byte) error {
	f, err := b.file(name)
	if err != nil {
		return err
	}
	if err := f.write(data); err != nil {
		_ = f.to.Close()
		return err
	}
	return f.close()
}

// putJSON writes an object for people to read, too.
func (b *bundle) putJSON(name string, v state.Value) error {
	return b.put(name, append(state.AppendIndent(nil, v, "  ", false), '\n'))
}

// finish writes the sums, the manifest and its signature, and gives the bundle
// its name.
func (b *bundle) finish(k *Key) error {
	if err := b.put(fileSums, b.sumsText()); err != nil {
		return err
	}
	manifest := b.manifest(k.vkey)
	sig, err := k.signer.Sign(manifest)
	if err != nil {
		return err
	}
	if err := b.put(fileManifest, manifest); err != nil {
		return err
	}
	if err := b.put(fileSignature, sig); err != nil {
		return err
	}
	if err := os.Rename(b.aside, b.dir); err != nil {
		return writeError(b.dir, err)
	}
	return nil
}

// sumsText lists the files as sha256sum does.
func (b *bundle) sumsText() (text []byte) {
	for _, f := range b.sorted() {
		text = fmt.Appendf(text, "%x  %s\n", f.sum, f.name)
	}
	return text
}

func (b *bundle) manifest(vkey string) []byte {
	files := state.NewArray()
	for _, f := range b.sorted() {
		files.Append(object("path", f.name, "bytes", f.bytes, "sha256", hex.EncodeToString(f.sum[:])))
	}
	return append(state.AppendIndent(nil, object(
		"format", Format, "verifier_key", vkey, "files", files.Value(),
	), "  ", false), '\n')
}

// sorted lists the files in the order of listed.
func (b *bundle) sorted() []fileSum {
	var out []fileSum
	for _, name := range listed {
		for _, f := range b.files {
			if f.name == name {
				out = append(out, f)
			}
		}
	}
	return out
}
