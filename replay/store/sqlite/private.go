package sqlite

import (
	"context"

	"zombiezen.com/go/sqlite"

	"asof/replay/store/source"
	"asof/replay/store/table"
)

// NewPrivate creates a private database, which SQLite removes on close. The probe has no
// tables yet.
func NewPrivate(ctx context.Context, access string) (*File, *Probe, error) {
	conn, err := sqlite.OpenConn("", sqlite.OpenReadWrite|sqlite.OpenCreate)
	if err != nil {
		return nil, nil, err
	}
	conn.SetInterrupt(ctx.Done())
	return &File{conn: conn, access: access}, &Probe{conn: conn}, nil
}

// Reader returns a reader of the database with the given layout. Unless it fails, the
// reader owns the file.
func (s *File) Reader(path string, o *source.Options, l *table.Layout) (*Reader, error) {
	p, err := readSchema(s.conn, o)
	if err != nil {
		return nil, err
	}
	return newReader(path, s, p, l)
}

// An Insert is a prepared INSERT statement.
type Insert struct {
	conn *sqlite.Conn
	stmt *sqlite.Stmt
}

// Insert prepares an INSERT.
func (p *Probe) Insert(sql string) (*Insert, error) {
	stmt, _, err := p.conn.PrepareTransient(sql)
	return &Insert{p.conn, stmt}, err
}

// Run inserts the arguments and reports whether it added a row.
func (i *Insert) Run(args ...any) (bool, error) {
	bind(i.stmt, args)
	if _, err := i.stmt.Step(); err != nil {
		return false, err
	}
	return i.conn.Changes() > 0, i.stmt.Reset()
}

// Close finalizes the statement.
func (i *Insert) Close() {
	i.stmt.Finalize() //nolint:errcheck // Run has returned the error
}
