package postgres

import (
	"context"
	"errors"
	"iter"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"asof/inspect/materialize"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/place"
)

// A Target is a table of a PostgreSQL database.
type Target struct {
	at     place.Location
	schema string // empty: the first of the search path
	table  string
	store  place.Location // that is read
	conn   *pgconn.PgConn
}

var _ materialize.Target = (*Target)(nil)

// Open returns a table, which need not exist. Its name may begin with that of a schema,
// which must: read.carts. In the database of the store that is read, it has to.
func Open(at place.Location, table string, store place.Location) (*Target, error) {
	t := &Target{at: at, table: table, store: store}
	if schema, name, ok := strings.Cut(table, "."); ok {
		t.schema, t.table = schema, name
	}
	if strings.HasPrefix(t.table, "asof_") || t.table == "" || !fits(t.table) {
		return nil, t.refuse("no table may be called "+table, fault.Try("choose another name for the table").With("table", "carts"))
	}
	return t, nil
}

// longestName is the longest name that PostgreSQL does not cut.
const longestName = 63

func fits(name string) bool {
	return name != "" && len(name) <= longestName && !strings.ContainsRune(name, 0)
}

func (t *Target) refuse(why string, next fault.Remedy) error {
	return &materialize.RefusedError{Target: t.at.String(), Why: why, Next: next}
}

// wrong is the error of the server, without secrets.
func (t *Target) wrong(op string, err error) error {
	if err == nil {
		return nil
	}
	var known fault.Error
	if errors.As(err, &known) {
		return err
	}
	text := err.Error()
	var said *pgconn.PgError
	if errors.As(err, &said) {
		text = said.Message
		for _, more := range []string{said.Detail, said.Where} {
			if more != "" {
				text += "; " + strings.ReplaceAll(more, "\n", "; ")
			}
		}
	}
	e := &replay.StoreError{Path: t.at.String(), Op: op, Err: errors.New(t.at.Scrub(text))}
	if said != nil && said.Code == "2BP01" {
		e.Next = fault.Try("drop the view, or name another table").With("table", t.table+"_2")
	}
	if said != nil && (strings.HasPrefix(said.Code, "22") || strings.HasPrefix(said.Code, "54")) {
		e.Next = fault.Try("leave the column out").With("columns", "total,status")
	}
	return e
}

// Close implements materialize.Target. What was not committed is undone.
func (t *Target) Close() error {
	if t.conn == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	// The server drops the lock some time after the connection has ended, and the next run
	// may come before. In a failed transaction this fails, and the lock waits for that.
	_, _ = t.run(ctx, "SELECT pg_advisory_unlock_all()")
	err := t.conn.Close(ctx)
	t.conn = nil
	return t.wrong("close", err)
}

// Typed implements materialize.Target.
func (*Target) Typed() bool { return true }

// run runs statements and returns the rows of the last, as text; nil is NULL.
func (t *Target) run(ctx context.Context, sql string, args ...string) ([][][]byte, error) {
	if len(args) == 0 {
		results, err := t.conn.Exec(ctx, sql).ReadAll()
		if err != nil || len(results) == 0 {
			return nil, err
		}
		return results[len(results)-1].Rows, nil
	}
	values := make([][]byte, len(args))
	for i, a := range args {
		values[i] = []byte(a)
	}
	r := t.conn.ExecParams(ctx, sql, values, nil, nil, nil).Read()
	return r.Rows, r.Err
}

func connect(ctx context.Context, at place.Location) (*pgconn.PgConn, error) {
	if fault := at.Fault(); fault != "" {
		return nil, errors.New("the connection string is ambiguous: " + fault)
	}
	cfg, err := pgconn.ParseConfig(at.Reveal())
	if err != nil {
		return nil, errors.New("the connection string is invalid") // the parser quotes any part of it
	}
	for name, value := range map[string]string{"timezone": "UTC", "datestyle": "ISO, MDY", "client_encoding": "UTF8", "standard_conforming_strings": "on"} {
		cfg.RuntimeParams[name] = value
	}
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "asof"
	}
	return pgconn.ConnectConfig(ctx, cfg)
}

// Checkpoint implements materialize.Target. It connects, and locks the table for other
// runs.
func (t *Target) Checkpoint(ctx context.Context) (*materialize.Checkpoint, error) {
	var err error
	if t.conn, err = connect(ctx, t.at); err != nil {
		return nil, t.wrong("open", err)
	}
	if t.schema == "" {
		own, err := t.isStore(ctx)
		if err != nil {
			return nil, t.wrong("open", err)
		}
		if own {
			return nil, t.refuse("it is the database of the store", fault.Try("name another database, or a schema for read models").With("table", "read."+t.table))
		}
		rows, err := t.run(ctx, "SELECT current_schema()")
		if err != nil {
			return nil, t.wrong("read", err)
		}
		if t.schema = string(rows[0][0]); rows[0][0] == nil {
			return nil, t.refuse("the search path has no schema", fault.Try("name the schema").With("table", "public."+t.table))
		}
	}
	rows, err := t.run(ctx, "SELECT pg_try_advisory_lock(hashtext($1), hashtext($2))::text", "asof "+t.schema, t.table)
	if err != nil {
		return nil, t.wrong("read", err)
	}
	if string(rows[0][0]) != "true" {
		return nil, t.refuse("another run is writing "+t.table, fault.Try("wait until it has ended"))
	}
	return t.checkpoint(ctx)
}

// checkpoint reads the checkpoint of the table; nil: there is none, and no such table.
func (t *Target) checkpoint(ctx context.Context) (*materialize.Checkpoint, error) {
	exists := func(table string) (bool, error) {
		rows, err := t.run(ctx, `SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2`, t.schema, table)
		return len(rows) > 0, err
	}
	taken, err1 := exists(t.table)
	ours, err2 := exists("asof_checkpoint")
	if err := errors.Join(err1, err2); err != nil {
		return nil, t.wrong("read", err)
	}
	var text []byte
	if ours {
		rows, err := t.run(ctx, "SELECT checkpoint FROM "+t.own("asof_checkpoint")+" WHERE name = $1", t.table)
		if err != nil {
			return nil, t.wrong("read", err)
		}
		if len(rows) > 0 {
			text = rows[0][0]
		}
	}
	switch {
	case taken && text == nil:
		return nil, t.refuse("there is a table "+t.table+", and asof did not write it", fault.Try("name another table").With("table", t.table+"_2"))
	case !taken:
		return nil, nil // there is none, or somebody dropped it
	}
	c, err := materialize.Decode(string(text))
	if err != nil {
		return nil, t.wrong("read", err)
	}
	rows, err := t.run(ctx, `SELECT a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped`, t.schema, t.table)
	if err != nil {
		return nil, t.wrong("read", err)
	}
	has := make([]string, len(rows))
	for i, r := range rows {
		has[i] = string(r[0])
	}
	return c, c.Replaced(t.at.String(), t.table, has)
}

// own is a table of the schema, as SQL writes it.
func (t *Target) own(table string) string { return quoted(t.schema) + "." + quoted(table) }

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// Heads implements materialize.Target. The rows come through a cursor: there are as many as
// rows of the table.
func (t *Target) Heads(ctx context.Context) iter.Seq2[materialize.Head, error] {
	return func(yield func(materialize.Head, error) bool) {
		_, err := t.run(ctx, "BEGIN")
		if err == nil {
			_, err = t.run(ctx, "DECLARE heads NO SCROLL CURSOR FOR SELECT stream, head FROM "+t.own("asof_streams")+
				" WHERE name = "+text(t.table)+` ORDER BY stream COLLATE "C"`)
		}
		for more := true; more && err == nil; {
			var rows [][][]byte
			rows, err = t.run(ctx, "FETCH 5000 FROM heads")
			for _, r := range rows {
				if more = yield(materialize.Head{Stream: replay.StreamID(r[0]), Text: string(r[1])}, nil); !more {
					break
				}
			}
			more = more && len(rows) > 0
		}
		if err != nil {
			yield(materialize.Head{}, t.wrong("read", err))
			return
		}
		_, _ = t.run(ctx, "ROLLBACK") // nothing was written
	}
}

// text is a text as SQL writes it.
func text(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
