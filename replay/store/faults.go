package store

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"zombiezen.com/go/sqlite"

	"asof/replay"
)

// isEngineError reports whether err comes from SQLite itself.
func isEngineError(err error) bool {
	return err != nil && sqlite.ErrCode(err) != sqlite.ResultOK && sqlite.ErrCode(err) != sqlite.ResultError
}

// storeError makes an error about a store one that says what to do next.
func storeError(path, op string, err error) error {
	e := &replay.StoreError{Path: path, Op: op, Err: err}
	var unknown *UnknownDialectError
	switch {
	case errors.Is(err, ErrMoved):
		e.Next = "it is being written to: run the command again"
		return e
	case errors.As(err, &unknown):
		e.Next = unknown.hint()
		return e
	}
	code := sqlite.ErrCode(err)
	switch code.ToPrimary() {
	case sqlite.ResultCorrupt:
		e.Err = engineError{"the database is damaged", err}
		e.Next = "take a copy from a backup, or try `sqlite3 FILE .recover` on a copy"
	case sqlite.ResultNotADB:
		e.Err = engineError{"its header is SQLite's but the rest is not: damaged or encrypted", err}
		e.Next = "decrypt it first, or take a copy from a backup"
	case sqlite.ResultBusy, sqlite.ResultLocked:
		e.Err = engineError{"another program holds it locked", err}
		e.Next = "wait until that is done, or read a copy of the file"
	case sqlite.ResultIOErr:
		e.Err = engineError{"it can't be read", err}
		e.Next = "if the file is being replaced or is on a network, read a copy"
	case sqlite.ResultTooBig:
		e.Err = engineError{fmt.Sprintf("a value is larger than %d MiB", maxPayload*2>>20), err}
	case sqlite.ResultCantOpen:
		e.Err = engineError{"SQLite can't open it", err}
	}
	return e
}

// An engineError says in our words what SQLite says in its own.
type engineError struct {
	says  string
	cause error
}

func (e engineError) Error() string {
	if code := sqlite.ErrCode(e.cause); code != sqlite.ResultOK {
		return fmt.Sprintf("%s (%s)", e.says, code)
	}
	return e.says
}

func (e engineError) Unwrap() error { return e.cause }

// The beginnings of files that people mistake for a store.
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

// notAStore says what a file is that is none.
func notAStore(path string, head []byte, size int64) error {
	e := &replay.StoreError{Path: path, Op: "open"}
	if size == 0 {
		e.Err = errors.New("the file is empty")
		e.Next = "if an application writes there, its events may be in another file, or not yet written"
		return e
	}
	for _, o := range otherFiles {
		if strings.HasPrefix(hex.EncodeToString(head[:min(len(head), 16)]), o.magic) {
			e.Err, e.Next = errors.New(o.what), o.next
			return e
		}
	}
	text := bytes.TrimLeft(head, " \t\r\n")
	switch {
	case len(text) == 0 && utf8.Valid(head):
		e.Err = errors.New("the file is blank")
	case size%512 == 0 && looksRandom(head):
		e.Err = errors.New("no SQLite database, and no JSON: its bytes look random")
		e.Next = "if it is an encrypted SQLite database (SQLCipher), decrypt it first"
		return e
	default:
		e.Err = errors.New("no SQLite database, and no JSON: it begins with " + quoteStart(text))
	}
	e.Next = "asof reads SQLite files, NDJSON, JSON arrays of events and CloudEvents, gzipped or not"
	return e
}

// looksRandom reports whether the bytes look encrypted: nearly all values occur
// in a few thousand random bytes, and far fewer in anything else.
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
