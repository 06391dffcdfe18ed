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

// listed are the files that the manifest lists. All are required except those in
// optional.
var listed = []string{
	fileEvents, fileStored, fileLeaves, fileOutline, fileTree, fileStreams, fileChanges, fileEnds, fileReport,
	fileCoverage, fileAnomalies, fileRedactions, fileCheckpoint, filePublic, fileReadme, fileSums,
}

var optional = map[string]bool{fileChanges: true, fileEnds: true, fileRedactions: true, fileOutline: true}

// fsync is replaced by tests that write thousands of bundles.
var fsync = (*os.File).Sync

// Format names the format of a bundle and its version.
const Format = "asof-audit/2"

// A bundle is the folder of an export while it is written. It is written to a
// temporary folder, which gets its final name when it is complete.
type bundle struct {
	dir, temp string
	files     []fileSum
	create    func(path string) (io.WriteCloser, error)
}

type fileSum struct {
	name  string
	bytes int64
	sum   [sha256.Size]byte
}

// writeError wraps an error of writing to path. The cause, such as a full disk, is
// kept without the name of the temporary file.
func writeError(path string, err error) error {
	if err == nil {
		return nil
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return &replay.StoreError{Path: path, Op: "write", Err: err, Next: fault.Try("no files are left; check the free space and the permissions of the folder")}
}

// newBundle begins a bundle in dir, which must not exist.
func newBundle(dir string) (*bundle, error) {
	dir = filepath.Clean(dir)
	if _, err := os.Lstat(dir); err == nil {
		return nil, &replay.StoreError{Path: dir, Op: "write", Err: errors.New("it already exists"), Next: fault.Try("name another folder, or move that one away")}
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o777); err != nil {
		return nil, writeError(dir, err)
	}
	temp, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+".unfinished-*")
	if err != nil {
		return nil, writeError(dir, err)
	}
	b := &bundle{dir: dir, temp: temp}
	b.create = func(path string) (io.WriteCloser, error) {
		return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	}
	if err := os.Chmod(temp, 0o755); err != nil {
		b.discard()
		return nil, writeError(dir, err)
	}
	return b, nil
}

// discard removes the temporary folder.
func (b *bundle) discard() { _ = os.RemoveAll(b.temp) }

// An outFile is a file of a bundle while it is written.
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
	path := filepath.Join(b.temp, filepath.FromSlash(name))
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

// close closes the file and adds its hash to the bundle.
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

// put writes a small file.
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

// putJSON writes a value as indented JSON.
func (b *bundle) putJSON(name string, v state.Value) error {
	return b.put(name, append(state.AppendIndent(nil, v, "  ", false), '\n'))
}

// finish writes the sums, the manifest and its signature, and renames the temporary
// folder to its final name.
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
	if err := os.Rename(b.temp, b.dir); err != nil {
		return writeError(b.dir, err)
	}
	return nil
}

// sumsText lists the files in the format of sha256sum.
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
