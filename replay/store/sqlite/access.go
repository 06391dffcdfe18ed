package sqlite

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"

	"asof/replay/fault"
	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// smallDatabase is the size in bytes up to which copying a database takes no noticeable
// time. It is a variable for tests.
var smallDatabase int64 = 4 << 20

// A File is an open database. Opening it changes neither the file nor its folder; the
// package comment lists the cases.
type File struct {
	conn   *sqlite.Conn
	access string // how the file is opened, for Info

	// The file stays open until the connection is closed. Closing it would drop the
	// connection's locks, because POSIX locks belong to the process.
	file  *os.File
	print *fingerprint // must not change while the file is read; nil if it cannot
	dir   string       // of the private copy; may be empty

	leftOut []table.Omission // parts of the file that SQLite leaves out

	interrupt *interrupt
	active    int // number of nested operations
}

// A fingerprint changes when a file is written to.
type fingerprint struct {
	size   int64
	mod    time.Time
	header [source.HeaderSize]byte // including the change counter
}

func fingerprintOf(f *os.File) (fingerprint, error) {
	var p fingerprint
	for range source.SettleTries {
		info, err := f.Stat()
		if err != nil {
			return p, err
		}
		p.size, p.mod = info.Size(), info.ModTime()
		age := time.Since(p.mod)
		if age < 0 || age >= source.RacyAge {
			break
		}
		time.Sleep(source.RacyAge - age)
	}
	_, err := f.ReadAt(p.header[:], 0)
	return p, err
}

// moved returns ErrMoved if the file was written to since it was opened.
func (s *File) moved() error {
	if s.print == nil {
		return nil
	}
	info, err := s.file.Stat()
	if err != nil {
		return err
	}
	var header [source.HeaderSize]byte
	if _, err := s.file.ReadAt(header[:], 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if info.Size() != s.print.size || !info.ModTime().Equal(s.print.mod) || header != s.print.header {
		return source.ErrMoved
	}
	return nil
}

// Close closes the database and removes its private copy.
func (s *File) Close() error {
	var errs []error
	if s.conn != nil {
		errs = append(errs, s.conn.Close())
	}
	if s.file != nil {
		errs = append(errs, s.file.Close())
	}
	if s.dir != "" {
		errs = append(errs, os.RemoveAll(s.dir))
	}
	return errors.Join(errs...)
}

// openFile opens the database in f, which is open on the resolved path. It takes
// ownership of f.
func openFile(ctx context.Context, f *os.File, path string, o *source.Options) (_ *File, err error) {
	s := &File{file: f}
	defer func() {
		if err != nil {
			s.Close() //nolint:errcheck // the first error matters
		}
	}()
	wal, hasWAL := sizeOf(path + "-wal")
	_, hasSHM := sizeOf(path + "-shm")
	var header [source.HeaderSize]byte
	switch _, err := f.ReadAt(header[:], 0); {
	case errors.Is(err, io.EOF):
		return nil, errors.New("the file is shorter than a database's header")
	case err != nil:
		return nil, err
	}
	inWALMode := header[18] == 2 || header[19] == 2
	switch {
	case wal > 0 && hasSHM && lockShared(f) == nil && s.openLive(path) == nil:
		return s, s.scanWAL(ctx, path+"-wal")
	case wal > 0:
		return s, s.openCopy(ctx, path, "-wal", o.TempDir)
	case inWALMode || hasWAL:
		if journal, _ := sizeOf(path + "-journal"); journal > 0 {
			return s, s.openCopy(ctx, path, "-journal", o.TempDir)
		}
		return s, s.openImmutable(path)
	}
	err = s.openReadOnly(ctx, path, o)
	if needsRecovery(err) {
		return s, s.openCopy(ctx, path, "-journal", o.TempDir)
	}
	return s, err
}

func sizeOf(path string) (size int64, exists bool) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, false
	}
	return info.Size(), true
}

// openLive reads the -wal while its writer is running. With a read-only -shm, no byte
// changes. The lock on f keeps the last writer from removing the -wal before our own
// connection exists, which would then create it again.
func (s *File) openLive(path string) error {
	if wal, _ := sizeOf(path + "-wal"); wal == 0 {
		return source.ErrMoved
	}
	s.access = "read-only, together with its -wal"
	return s.connect(path, "mode=ro&readonly_shm=1", sqlite.OpenReadOnly)
}

func (s *File) openImmutable(path string) error {
	print, err := fingerprintOf(s.file)
	if err != nil {
		return err
	}
	s.print, s.access = &print, "immutable (WAL mode without events in a -wal)"
	// A -wal that appeared meanwhile has events that an immutable read misses.
	err = s.checkTruncated(path, s.connect(path, "immutable=1", sqlite.OpenReadOnly))
	if wal, _ := sizeOf(path + "-wal"); wal > 0 && err == nil {
		return source.ErrMoved
	}
	return err
}

// openReadOnly holds SQLite's shared lock while the store is read, so that writers wait
// and the file does not change. A database that is cheap to copy, or for which Copy is
// set, is copied under the lock, which is then released.
func (s *File) openReadOnly(ctx context.Context, path string, o *source.Options) error {
	if err := s.checkTruncated(path, s.connect(path, "mode=ro", sqlite.OpenReadOnly)); err != nil {
		return err
	}
	// Under the lock, so that all earlier writes are included.
	print, err := fingerprintOf(s.file)
	if err != nil {
		return err
	}
	if o.Copy || print.size <= smallDatabase {
		return s.copyLocked(ctx, print.size, o.TempDir)
	}
	s.print, s.access = &print, "read-only; writers wait while it is read"
	return nil
}

// needsRecovery reports whether SQLite must write to the database before reading it.
func needsRecovery(err error) bool {
	switch sqlite.ErrCode(err) {
	case sqlite.ResultReadOnlyRollback, sqlite.ResultReadOnlyRecovery,
		sqlite.ResultReadOnlyCantInit, sqlite.ResultReadOnlyCantLock:
		return true
	}
	return false
}

// connect opens the database, runs some statements, and starts the read transaction of the
// reader. The file is not memory-mapped, see [inMemory].
func (s *File) connect(path, query string, flag sqlite.OpenFlags, first ...string) error {
	conn, err := sqlite.OpenConn(fileURI(path, query), flag|sqlite.OpenURI)
	if err != nil {
		return err
	}
	conn.SetBusyTimeout(source.BusyWait)
	conn.Limit(sqlite.LimitLength, cell.MaxPayload*2)
	conn.Limit(sqlite.LimitAttached, 0)
	for _, sql := range append(first,
		"PRAGMA trusted_schema = OFF",
		"PRAGMA cell_size_check = ON",
		"PRAGMA query_only = ON",
		"PRAGMA cache_size = -8192", // KiB: the system caches the pages, and managing more costs more than it saves
		"BEGIN",
		"SELECT count(*) FROM sqlite_schema", // starts the snapshot
	) {
		if err := runSQL(conn, sql); err != nil {
			conn.Close() //nolint:errcheck // the first error matters
			return err
		}
	}
	s.conn = conn
	return nil
}

// runSQL runs a statement to completion.
func runSQL(conn *sqlite.Conn, sql string) error {
	stmt, _, err := conn.PrepareTransient(sql)
	if err != nil {
		return err
	}
	defer stmt.Finalize() //nolint:errcheck // Step has returned the error
	for {
		if more, err := stmt.Step(); err != nil || !more {
			return err
		}
	}
}

// fileURI returns a URI for a file, with special characters of its path escaped.
func fileURI(path, query string) string {
	var b strings.Builder
	b.WriteString("file:")
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		b.WriteByte('/')
	}
	for i := range len(path) {
		c := path[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("/-._~:", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String() + "?" + query
}

// A cutShortError is a database whose last bytes are missing; its value is how many.
type cutShortError int64

func (e cutShortError) Error() string {
	return fmt.Sprintf("the file is cut short: the last %d bytes are missing", int64(e))
}

// Class returns [fault.Store].
func (cutShortError) Class() fault.Class { return fault.Store }

// Fault returns [fault.KindBadStore].
func (cutShortError) Fault() fault.Kind { return fault.KindBadStore }

// Remedy returns what to do next.
func (cutShortError) Remedy() fault.Remedy {
	return fault.Try("get a complete copy; if it was copied while in use, copy its -wal file with it")
}

// checkTruncated replaces err, from opening the database, by a cutShortError if the end of the
// file is missing. It is called under the lock, or when SQLite reports damage, because a
// file that is being written to can briefly be shorter than its header says.
func (s *File) checkTruncated(path string, err error) error {
	code := sqlite.ErrCode(err)
	if wal, _ := sizeOf(path + "-wal"); wal > 0 || err != nil && code != sqlite.ResultCorrupt && code != sqlite.ResultNotADB {
		return err
	}
	print, fault := fingerprintOf(s.file)
	if fault != nil {
		return cmp.Or(err, fault)
	}
	if n := truncated(print.header[:], print.size); n > 0 {
		return cutShortError(n)
	}
	return err
}

// truncated returns how many bytes are missing at the end of a database. It returns 0 if
// the header has no valid size.
func truncated(header []byte, size int64) (missing int64) {
	if len(header) < source.HeaderSize || !bytes.HasPrefix(header, source.SQLiteMagic) {
		return 0
	}
	page := int64(binary.BigEndian.Uint16(header[16:]))
	if page == 1 {
		page = 65536
	}
	if !bytes.Equal(header[24:28], header[92:96]) {
		return 0
	}
	want := page * int64(binary.BigEndian.Uint32(header[28:]))
	return max(0, want-size)
}
