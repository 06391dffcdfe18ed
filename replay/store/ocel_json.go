package store

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"zombiezen.com/go/sqlite"

	"asof/replay"
)

// OCEL 2.0 as JSON is one object with the arrays objects and events, in any order. It
// says the same as the tables of [ocelDialect] and is read alike: since time alone
// orders its events, they are put into a private database first.

// looksLikeOCEL reports whether a file that begins so is such an object.
func looksLikeOCEL(head []byte) bool {
	head = bytes.TrimPrefix(head, bomUTF8)
	i := skipSpaces(head, 0)
	if i >= len(head) || head[i] != '{' {
		return false
	}
	for i = skipSpaces(head, i+1); i < len(head) && head[i] == '"'; i = skipSpaces(head, i+1) {
		end, ok := skipString(head, i)
		if !ok {
			return false
		}
		key := string(head[i+1 : end-1])
		if i = skipSpaces(head, end); i >= len(head) || head[i] != ':' {
			return false
		}
		if i = skipSpaces(head, i+1); i >= len(head) || head[i] != '[' {
			return false
		}
		switch key {
		case "eventTypes", "objectTypes":
			return true
		case "events", "objects":
		default:
			return false
		}
		if first := skipSpaces(head, i+1); first < len(head) && head[first] != ']' {
			return isOCELElement(head[first:])
		}
		if i, ok = skipJSON(head, i); !ok {
			return false
		}
		if i = skipSpaces(head, i); i >= len(head) || head[i] != ',' {
			return false
		}
	}
	return false
}

func isOCELElement(b []byte) bool {
	end, ok := skipJSON(b, 0)
	if !ok {
		return false
	}
	m, ok := walkObject(b[:end], nil)
	return ok && hasMember(m, "id") && hasMember(m, "type") && !hasMember(m, "specversion") &&
		(hasMember(m, "relationships") || hasMember(m, "attributes"))
}

// openOCEL reads the object to its end, and takes over src.
func openOCEL(ctx context.Context, src *jsonSource, text io.Reader, o *Options) (replay.Reader, error) {
	file, left, err := ocelDatabase(ctx, src, text)
	if err != nil {
		src.Close()
		return nil, err
	}
	if err := src.Close(); err != nil {
		file.close() //nolint:errcheck // the first error is the one to tell
		return nil, src.fail("read", err)
	}
	l := &layout{
		dialect:    ocelDialect.name,
		recognised: "an object with events and objects; a stream is an object, versions and positions are the order by time",
		from:       "asof_ocel",
		numbered:   true,
		cols: [numColumns]string{
			colStream: "stream", colVersion: "version", colPosition: "position", colCategory: "category",
			colType: "type", colID: "id", colTime: "time", colMeta: "meta", colData: "data",
		},
		leftOut: []omission{
			{what: "events about no object", count: "SELECT count(*) FROM events WHERE id NOT IN (SELECT event FROM about)"},
			{what: "events that are there again", count: fmt.Sprintf("SELECT %d", left.again)},
			{what: "relations between objects", count: fmt.Sprintf("SELECT %d", left.relations)},
		},
	}
	p, err := readSchema(file.conn, o)
	if err == nil {
		var r *sqliteReader
		if r, err = newSQLiteReader(src.path, file, p, l); err == nil {
			return r, nil
		}
	}
	file.close() //nolint:errcheck // the first error is the one to tell
	return nil, src.fail("open", err)
}

// ocelLeft counts what is not shown.
type ocelLeft struct{ again, relations int }

// ocelDatabase makes the private database, which SQLite removes when it is closed.
func ocelDatabase(ctx context.Context, src *jsonSource, text io.Reader) (_ *sqliteFile, left ocelLeft, err error) {
	f := &sqliteFile{access: "put in order in a private database"}
	defer func() {
		if err != nil {
			f.close() //nolint:errcheck // the first error is the one to tell
		}
	}()
	if f.conn, err = sqlite.OpenConn("", sqlite.OpenReadWrite|sqlite.OpenCreate); err != nil {
		return nil, left, src.fail("open", err)
	}
	f.conn.SetInterrupt(ctx.Done())
	x := &ocelReading{conn: f.conn, split: &jsonSplitter{src: text, line: 1, limit: maxEventBytes}, stmts: map[string]*sqlite.Stmt{}}
	err = x.run()
	x.release()
	if err == nil {
		err = src.settle(x.split.off + int64(x.split.start))
	} else if ctx.Err() != nil {
		err = ctx.Err()
	} else {
		err = src.fail("read", err)
	}
	return f, x.left, err
}

var ocelJSONTables = []string{
	"PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "BEGIN",
	"CREATE TABLE objects(id TEXT PRIMARY KEY, type TEXT) WITHOUT ROWID",
	"CREATE TABLE events(id TEXT PRIMARY KEY, type TEXT, time TEXT, data TEXT) WITHOUT ROWID",
	"CREATE TABLE about(event TEXT, object TEXT, qualifier TEXT, PRIMARY KEY(event, object, qualifier)) WITHOUT ROWID",
	"CREATE TABLE changes(place INTEGER PRIMARY KEY, object TEXT, time TEXT, data TEXT)",
}

// ocelJSONOrder numbers the events, see [probe.ocelInOrder].
var ocelJSONOrder = []string{
	`CREATE TABLE asof_ocel(position INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL,
		category TEXT, type TEXT, id TEXT, time TEXT, meta TEXT, data TEXT)`,
	`INSERT INTO asof_ocel SELECT NULL, a.stream,
		row_number() OVER (PARTITION BY a.stream ORDER BY a.moment, a.time, a.change, a.id, a.place),
		coalesce(o.type, ''), a.type, a.id, a.time, a.meta, a.data FROM (
			SELECT r.object AS stream, e.type, e.id, e.time, julianday(e.time) AS moment, 0 AS change, 0 AS place,
				json_object('qualifiers', json_group_array(r.qualifier ORDER BY r.qualifier)) AS meta, e.data
			FROM about r JOIN events e ON e.id = r.event GROUP BY r.object, e.id
			UNION ALL
			SELECT object, '` + ocelChanged + `', NULL, time, julianday(time), 1, place, NULL, data FROM changes
		) a LEFT JOIN objects o ON o.id = a.stream
		ORDER BY a.moment, a.time, a.change, a.id, a.stream, a.place`,
	"CREATE UNIQUE INDEX asof_ocel_stream ON asof_ocel(stream, version)",
}

// ocelInput begins to read what may be OCEL: it returns the text from its start.
func ocelInput(text io.Reader) (all io.Reader, ocel bool) {
	in := bufio.NewReaderSize(text, 64<<10)
	head, err := in.Peek(in.Size())
	return in, (err == nil || errors.Is(err, io.EOF)) && looksLikeOCEL(head)
}
