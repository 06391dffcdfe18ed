package source

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"unicode/utf8"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/store/cell"
)

// SQLiteMagic is the start of every SQLite file.
var SQLiteMagic = []byte("SQLite format 3\x00")

// otherFiles lists the starts of files that users mistake for a store.
var otherFiles = []struct{ magic, what, next string }{
	{"377f0682", "it is the -wal file of a database", "name the database itself: asof reads its -wal with it"},
	{"377f0683", "it is the -wal file of a database", "name the database itself: asof reads its -wal with it"},
	{"d9d505f920a163d7", "it is the rollback journal of a database", "name the database itself"},
	{"504b0304", "it is a zip archive", "unpack it and name the file inside"},
	{"28b52ffd", "it is compressed with zstd", "decompress it first"},
	{"425a68", "it is compressed with bzip2", "decompress it first"},
	{"fd377a585a00", "it is compressed with xz", "decompress it first"},
	{"5047444d50", "it is a dump of PostgreSQL", "restore it into a database first"},
	{"50415231", "it is a Parquet file", "export its rows as NDJSON"},
}

// NotAStore returns an error that describes a file that is not a store.
func NotAStore(path string, head []byte, size int64) error {
	e := &replay.StoreError{Path: path, Op: "open", Foreign: true}
	if size == 0 {
		e.Err = errors.New("the file is empty")
		e.Next = fault.Try("if an application writes here, its events may be in another file or not written yet")
		return e
	}
	for _, o := range otherFiles {
		if strings.HasPrefix(hex.EncodeToString(head[:min(len(head), 16)]), o.magic) {
			e.Err, e.Next = errors.New(o.what), fault.Try(o.next)
			return e
		}
	}
	text := bytes.TrimLeft(head, " \t\r\n")
	switch {
	case len(text) == 0 && utf8.Valid(head):
		e.Err = errors.New("the file is blank")
	case size%512 == 0 && looksRandom(head):
		e.Err = errors.New("not a SQLite database or JSON: its bytes look random")
		e.Next = fault.Try("if it is an encrypted SQLite database (SQLCipher), decrypt it first")
		return e
	default:
		e.Err = errors.New("not a SQLite database or JSON: it begins with " + cell.QuoteStart(text))
	}
	e.Next = fault.Try("asof reads SQLite files, NDJSON, JSON arrays of events and CloudEvents, gzipped or not")
	return e
}

// looksRandom reports whether the bytes look encrypted. A few thousand random bytes
// contain nearly all values; other data contains far fewer.
func looksRandom(b []byte) bool {
	if len(b) < 512 {
		return false
	}
	var seen [256]bool
	n := 0
	for _, c := range b {
		if !seen[c] {
			seen[c] = true
			n++
		}
	}
	return n > 200
}

// CantOpen is the error of a path that could not be opened.
func CantOpen(path string, err error) error {
	e := &replay.StoreError{Path: path, Op: "open", Err: err}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		e.Err = pe.Err
	}
	if errors.Is(err, fs.ErrNotExist) {
		e.Err = fs.ErrNotExist
		if near := fault.Near(filepath.Base(path), FilesIn(filepath.Dir(path)), 3); len(near) > 0 {
			for i, n := range near {
				near[i] = filepath.Join(filepath.Dir(path), n)
			}
			e.Next = fault.Remedy{Near: near, For: path}
		}
	}
	if bare := strings.TrimRight(path, "/"); errors.Is(err, syscall.ENOTDIR) && bare != path {
		e.Next = fault.Remedy{Near: []string{bare}, For: path}
	}
	return e
}

// FilesIn lists the files of a folder, if it can be read.
func FilesIn(dir string) []string {
	d, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer d.Close() //nolint:errcheck // only read
	const most = 10_000
	entries, _ := d.ReadDir(most) //nolint:errcheck // a partial list is enough for a hint
	var names []string
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}
