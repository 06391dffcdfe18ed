package query

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"

	"asof/replay"
	"asof/replay/state"
)

// A Projection is a way to fold the events of a store: the streams, each by itself, or,
// with Many, events of many streams.
type Projection struct {
	Name string

	// Many is the timeline of a projection over many streams, and the moment of it that a
	// text names. nil: each stream is folded by itself, with Fold.
	Many func(ctx context.Context, at string) (replay.Subject, replay.Moment, error)

	// Of is the timeline of one stream, or of one partition, and the moment of it that a
	// text names.
	Of func(ctx context.Context, stream, at string) (replay.Subject, replay.Moment, error)

	Fold  replay.FoldFor
	Takes func(stream replay.StreamID, category string) bool // which streams it folds; nil: all

	// Another returns the same as Fold for another goroutine. nil: the state of a stream may
	// depend on other streams that were folded before, and one goroutine folds all.
	Another func() replay.FoldFor

	// Kept is the timeline of one stream, with the states of it that are kept. It stays open
	// with the database. nil: none are kept.
	Kept func(ctx context.Context, stream replay.StreamID) (replay.Subject, error)

	// Result is what the projection derives from a state; nil: nothing.
	Result func(state.Value) (state.Value, error)

	Partitioned bool // Many has a state for each partition

	About string // how it folds, for people

	Categories []string // that the streams it folds are in; nil: any

	Members MemberKeeper // of its states; nil: they are found anew
}

// A Source is what questions are asked of.
type Source struct {
	Reader      replay.Reader
	Store       *replay.Timeline // the whole store
	Projections []Projection
	Env         replay.Env // of points in time
	At          string     // the moment of all tables; empty: the head
	Strict      bool       // a fold that fails ends the question
	Note        func(replay.Notice)
}

// A DB is a store as a database. It is used by one goroutine.
type DB struct {
	ctx        context.Context
	src        Source
	whole      *replay.Whole
	conn       *sqlite.Conn
	tables     []*table
	cuts       map[string]replay.Cut
	resolved   map[string]replay.Moment
	states     map[string]*states         // what was folded of a projection, by its name and a moment
	large      map[string]bool            // those whose states do not fit in memory together
	singles    map[string]int             // how many streams of those were folded one by one
	found      map[string][]string        // members of a projection's states
	discovered map[string]bool            // all of them are found
	sampled    map[string]replay.StreamID // a stream of each projection, whose members are
	noted      map[replay.Notice]bool
	failed     map[replay.StreamID]bool // whose fold failed
	workers    map[*Projection][]replay.FoldFor
	folded     map[*Projection]bool     // those whose states were asked for, not only sampled
	moments    map[*Projection][]string // as which its tables were read
	unread     map[string]*unreadable   // payloads, by the projection that folds them
	texts      map[string]bool          // columns with a note, by its code
	explaining bool                     // BestIndex keeps its choices
	choices    []planChoice             // of the statement that is explained
	live       *rows                    // that are being read from the store
	held       int                      // bytes of rows and states that are kept
	err        error                    // the first, of a table
}

// mostValue bounds a value, in bytes: functions make large ones of nothing.
const mostValue = 100 << 20

// Open returns the database of a store. ctx ends its questions.
func Open(ctx context.Context, src Source) (*DB, error) {
	conn, err := sqlite.OpenConn(":memory:", sqlite.OpenReadWrite, sqlite.OpenMemory)
	if err != nil {
		return nil, err
	}
	db := &DB{
		ctx: ctx, src: src, whole: replay.NewWhole(src.Reader), conn: conn,
		cuts: map[string]replay.Cut{}, resolved: map[string]replay.Moment{}, states: map[string]*states{}, large: map[string]bool{}, found: map[string][]string{}, singles: map[string]int{}, discovered: map[string]bool{},
		sampled: map[string]replay.StreamID{}, workers: map[*Projection][]replay.FoldFor{}, folded: map[*Projection]bool{}, moments: map[*Projection][]string{}, noted: map[replay.Notice]bool{}, texts: map[string]bool{}, unread: map[string]*unreadable{}, failed: map[replay.StreamID]bool{},
	}
	if err := db.setUp(); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return db, nil
}

func (db *DB) setUp() error {
	db.conn.SetInterrupt(db.ctx.Done())
	db.conn.Limit(sqlite.LimitLength, mostValue)
	if err := db.functions(); err != nil {
		return err
	}
	db.tables = []*table{{name: "events", kind: ofEvents}, {name: "streams", kind: ofStreams}}
	for i := range db.src.Projections {
		p := &db.src.Projections[i]
		db.tables = append(db.tables,
			&table{name: p.Name, kind: ofStates, proj: p},
			&table{name: p.Name + "_history", kind: ofHistory, proj: p},
			&table{name: p.Name + "_changes", kind: ofChanges, proj: p})
	}
	taken := map[string]bool{}
	for _, t := range db.tables {
		t.db = db
		for base, n := t.name, 2; taken[strings.ToLower(t.name)]; n++ {
			t.name = fmt.Sprintf("%s_%d", base, n)
		}
		taken[strings.ToLower(t.name)] = true
	}
	if err := db.sample(); err != nil {
		return err
	}
	if err := db.register(); err != nil {
		return err
	}
	if err := db.resolve(db.src.At); err != nil {
		return err
	}
	return db.conn.SetAuthorizer(readOnly{})
}

// register declares the tables with the columns that are known by now.
func (db *DB) register() error {
	for _, t := range db.tables {
		if t.proj != nil {
			t.declare(db.found[t.proj.Name])
		} else {
			t.declare(nil)
		}
		m := &sqlite.Module{Connect: func(*sqlite.Conn, *sqlite.VTableConnectOptions) (sqlite.VTable, *sqlite.VTableConfig, error) {
			return t, &sqlite.VTableConfig{Declaration: t.declaration()}, nil
		}}
		if err := db.conn.SetModule(t.name, m); err != nil {
			return err
		}
	}
	return nil
}

// Close ends the database.
func (db *DB) Close() error {
	if db.live != nil {
		db.live.stop()
	}
	return db.conn.Close()
}

// readOnly refuses all but reading.
type readOnly struct{}

func (readOnly) Authorize(a sqlite.Action) sqlite.AuthResult {
	switch a.Type() {
	case sqlite.OpSelect, sqlite.OpRead, sqlite.OpRecursive:
		return sqlite.AuthResultOK
	case sqlite.OpFunction:
		if !strings.EqualFold(a.Accessor(), "load_extension") {
			return sqlite.AuthResultOK
		}
	}
	return sqlite.AuthResultDeny
}

// A Result is the answer to a statement.
type Result struct {
	Columns []string
	Rows    iter.Seq2[[]any, error] // nil, int64, float64, string or []byte; valid until the next
}

// Query answers one statement.
func (db *DB) Query(sql string) (*Result, error) {
	db.err = nil
	if !asksSchema(sql) && (starred(sql) || db.mayMeanMember(sql)) {
		if err := db.discover(sql); err != nil {
			return nil, err
		}
	}
	stmt, err := db.prepare(sql)
	if err != nil {
		return nil, err
	}
	out := &Result{Columns: columnNames(stmt)}
	if slices.Contains(out.Columns, "") {
		out.Columns = db.namesApart(sql, out.Columns)
	}
	out.Rows = func(yield func([]any, error) bool) {
		defer stmt.Finalize() //nolint:errcheck // it repeats the error of Step
		db.rows(sql, stmt, yield)
	}
	return out, nil
}

func columnNames(stmt *sqlite.Stmt) (names []string) {
	for i := range stmt.ColumnCount() {
		names = append(names, stmt.ColumnName(i))
	}
	return names
}

// namesApart returns the names of the columns of a statement of which some have the same
// name: a prepared statement knows the last of these alone. SQLite tells the columns of a
// table in FROM apart: a, a:1.
func (db *DB) namesApart(sql string, names []string) []string {
	sql = strings.TrimRight(sql, "; \t\r\n")
	stmt, _, err := db.conn.PrepareTransient("SELECT * FROM (" + sql + "\n)")
	if err != nil {
		return names
	}
	defer stmt.Finalize() //nolint:errcheck // only prepared
	if apart := columnNames(stmt); len(apart) == len(names) {
		return apart
	}
	return names
}

// prepare checks a statement.
func (db *DB) prepare(sql string) (*sqlite.Stmt, error) {
	if asksSchema(sql) {
		return nil, &SchemaError{}
	}
	stmt, rest, err := db.conn.PrepareTransient(sql)
	if unknownColumn(err) != "" {
		// The sample did not have it: all states may.
		if err := db.discover(sql); err != nil {
			return nil, err
		}
		stmt, rest, err = db.conn.PrepareTransient(sql)
	}
	switch {
	case err != nil:
		return nil, db.ended(sql, err)
	case stmt == nil || stmt.ColumnCount() == 0:
		return nil, &Error{Offset: -1, Msg: "there is no SELECT", Next: "write one SELECT"}
	case strings.Trim(sql[len(sql)-rest:], " \t\r\n;") != "":
		_ = stmt.Finalize()
		return nil, &Error{SQL: sql, Offset: len(sql) - rest, Msg: "there is a second statement", Next: "write one SELECT"}
	case stmt.BindParamCount() > 0:
		err := unbound(sql, stmt)
		_ = stmt.Finalize()
		return nil, err
	}
	return stmt, nil
}

func (db *DB) rows(sql string, stmt *sqlite.Stmt, yield func([]any, error) bool) {
	row := make([]any, stmt.ColumnCount())
	for {
		more, err := stmt.Step()
		// The error of a function does not end the statement: the engine loses it.
		if err != nil || db.err != nil {
			yield(nil, db.ended(sql, err))
			return
		}
		if !more {
			db.noteRest()
			return
		}
		for i := range row {
			row[i] = cell(stmt, i)
		}
		if !yield(row, nil) {
			db.noteRest()
			return
		}
	}
}

func cell(stmt *sqlite.Stmt, i int) any {
	switch stmt.ColumnType(i) {
	case sqlite.TypeInteger:
		return stmt.ColumnInt64(i)
	case sqlite.TypeFloat:
		return stmt.ColumnFloat(i)
	case sqlite.TypeText:
		return stmt.ColumnText(i)
	case sqlite.TypeBlob:
		b := make([]byte, stmt.ColumnLen(i))
		stmt.ColumnBytes(i, b)
		return b
	}
	return nil
}

// ended is the error of a statement that was prepared or running.
func (db *DB) ended(sql string, err error) error {
	switch {
	case db.err != nil:
		return db.err
	case db.ctx.Err() != nil:
		return context.Cause(db.ctx)
	case sqlite.ErrCode(err).ToPrimary() == sqlite.ResultTooBig, sqlite.ErrCode(err).ToPrimary() == sqlite.ResultNoMem:
		return &SizeError{mostValue}
	}
	return db.refused(sql, err)
}
