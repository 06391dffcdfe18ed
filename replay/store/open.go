package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"zombiezen.com/go/sqlite"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/place"
)

// openTries bounds how often a store is opened again that moved meanwhile.
const openTries = 4

// Open opens the store that a text names: see [OpenAt].
func Open(ctx context.Context, text string, o Options) (replay.Reader, error) {
	return OpenAt(ctx, place.Parse(text), o)
}

// OpenAt opens the store at a location, and tells its dialect by what it holds.
// Its errors are of type [*replay.StoreError], and ctx's own.
func OpenAt(ctx context.Context, at place.Location, o Options) (replay.Reader, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := o.check(); err != nil {
		return nil, &replay.StoreError{Path: at.String(), Op: "open", Err: err}
	}
	switch at.Kind() {
	case place.KindStdin:
		return openJSON(ctx, at.String(), o)
	case place.KindPostgres:
		return openPostgres(ctx, at, o)
	case place.KindOther:
		return nil, &replay.StoreError{
			Path: at.String(), Op: "open", Err: errors.New("a URL of this kind is no store that can be opened"),
			Next: "write a path, or postgres://USER@HOST/DATABASE",
		}
	}
	for try := 1; ; try++ {
		r, err := openPath(ctx, at.String(), o)
		if errors.Is(err, ErrMoved) && try < openTries && ctx.Err() == nil {
			continue
		}
		return r, err
	}
}

func openPath(ctx context.Context, path string, o Options) (replay.Reader, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, cantOpen(path, err)
	}
	if info.IsDir() {
		return nil, &replay.StoreError{Path: path, Op: "open", Err: errors.New("it is a folder"), Next: storesIn(path)}
	}
	f, err := openUntil(ctx, path)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, cantOpen(path, err)
	}
	if !info.Mode().IsRegular() { // a pipe can be read only once
		defer f.Close() //nolint:errcheck // only read
		o.Stdin = f
		return openJSON(ctx, "-", o)
	}
	head := make([]byte, 4096)
	n, err := io.ReadFull(f, head)
	head = head[:n]
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		f.Close() //nolint:errcheck // only read
		return nil, cantOpen(path, err)
	}
	if bytes.HasPrefix(head, sqliteMagic) {
		r, err := openDatabase(ctx, f, path, o)
		if err != nil {
			return nil, err
		}
		return r, nil
	}
	f.Close() //nolint:errcheck // only read
	if looksLikeJSON(head) {
		return openJSON(ctx, path, o)
	}
	return nil, notAStore(path, head, info.Size())
}

// openUntil opens a file as long as ctx is not done: a pipe opens no sooner than
// someone writes to it.
func openUntil(ctx context.Context, path string) (*os.File, error) {
	var f *os.File
	var err error
	opened := make(chan struct{})
	go func() {
		defer close(opened)
		f, err = os.Open(path)
	}()
	select {
	case <-opened:
		return f, err
	case <-ctx.Done():
	}
	go func() { // what is waited for no more
		if <-opened; err == nil {
			f.Close() //nolint:errcheck // only read
		}
	}()
	return nil, ctx.Err()
}

// openDatabase takes over f.
func openDatabase(ctx context.Context, f *os.File, path string, o Options) (*sqliteReader, error) {
	real, err := filepath.EvalSymlinks(path) // its -wal is beside the file itself
	if err == nil {
		real, err = filepath.Abs(real)
	}
	if err != nil {
		f.Close() //nolint:errcheck // only read
		return nil, cantOpen(path, err)
	}
	content := contentID(f, real+"-wal", real+"-journal")
	file, err := openSQLite(ctx, f, real, &o)
	if err != nil {
		return nil, openFailed(ctx, path, err)
	}
	if contentID(f, real+"-wal", real+"-journal") != content {
		content = ""
	}
	file.conn.SetInterrupt(ctx.Done())
	r, err := newDatabase(path, file, &o)
	if err == nil {
		r.fingerprint(real, content, &o)
		return r, nil
	}
	if moved := file.moved(); moved != nil {
		err = moved
	}
	file.close() //nolint:errcheck // only read
	return nil, openFailed(ctx, path, err)
}

func openFailed(ctx context.Context, path string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return storeError(path, "open", err)
}

func newDatabase(path string, file *sqliteFile, o *Options) (*sqliteReader, error) {
	p, err := readSchema(file.conn, o)
	if err != nil {
		return nil, err
	}
	l, err := matchDialect(p)
	if err == nil {
		err = l.suits(o)
	}
	if err != nil {
		return nil, err
	}
	return newSQLiteReader(path, file, p, l)
}

// matchDialect finds the one dialect that fits.
func matchDialect(p *probe) (*layout, error) {
	o := p.opts
	if o.Table != "" || len(o.Map) > 0 {
		l, err := matchMapping(p)
		if err != nil {
			return nil, err
		}
		l.dialect = mappedName
		return l, nil
	}
	unknown := &UnknownDialectError{}
	var found []*layout
	for _, d := range sqliteDialects() {
		if o.Dialect != "" && o.Dialect != d.name {
			continue
		}
		l, err := d.match(p)
		if sqlite.ErrCode(err) != sqlite.ResultOK && isEngineError(err) {
			return nil, err
		}
		if unclear := contextError(""); errors.As(err, &unclear) {
			return nil, err
		}
		if err != nil {
			unknown.Tried = append(unknown.Tried, Tried{Dialect: d.name, Why: err.Error()})
			continue
		}
		l.dialect = d.name
		found = append(found, l)
		unknown.Matches = append(unknown.Matches, d.name)
	}
	if len(found) == 1 {
		return found[0], nil
	}
	if len(found) == 0 && len(unknown.Tried) == 0 {
		var names []string
		for _, d := range sqliteDialects() {
			names = append(names, d.name)
		}
		return nil, fmt.Errorf("no SQLite dialect is called %q; there are %s", o.Dialect, strings.Join(names, ", "))
	}
	if len(found) == 0 {
		unknown.Proposals = propose(p)
	}
	return nil, unknown
}

// looksLikeJSON tells JSON text and what gzip has made of it.
func looksLikeJSON(head []byte) bool {
	if bytes.HasPrefix(head, []byte{0x1F, 0x8B}) {
		return true
	}
	head = bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF"))
	head = bytes.TrimLeft(head, " \t\r\n")
	return len(head) > 0 && (head[0] == '{' || head[0] == '[' || head[0] == recordSeparator)
}

func cantOpen(path string, err error) error {
	e := &replay.StoreError{Path: path, Op: "open", Err: err}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		e.Err = pe.Err
	}
	if errors.Is(err, fs.ErrNotExist) {
		e.Err = fs.ErrNotExist
		if near := fault.Near(filepath.Base(path), filesIn(filepath.Dir(path)), 3); len(near) > 0 {
			for i, n := range near {
				near[i] = filepath.Join(filepath.Dir(path), n)
			}
			e.Next = "did you mean " + strings.Join(near, ", ") + "?"
		}
	}
	return e
}

// filesIn lists the files of a folder, if it can be read.
func filesIn(dir string) []string {
	d, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer d.Close() //nolint:errcheck // only read
	const most = 10_000
	entries, _ := d.ReadDir(most) //nolint:errcheck // what could be read is enough for a hint
	var names []string
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}

// storesIn is a hint about the stores in a folder.
func storesIn(dir string) string {
	var found []string
	for _, name := range filesIn(dir) {
		switch strings.ToLower(filepath.Ext(name)) {
		case ".db", ".sqlite", ".sqlite3", ".ndjson", ".jsonl":
			found = append(found, filepath.Join(dir, name))
		}
		if len(found) == 3 {
			break
		}
	}
	if len(found) == 0 {
		return "name the file that holds the events"
	}
	return "name a file in it, such as " + strings.Join(found, ", ")
}
