package dialect

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/jsonfile"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// OCEL 2.0 as JSON is an object with the arrays objects and events, in any order. It is
// equivalent to the tables of [ocelDialect]. Because only time orders its events, they
// are first loaded into a private database.

// looksLikeOCEL reports whether head starts like an OCEL file.
func looksLikeOCEL(head []byte) bool {
	head = bytes.TrimPrefix(head, jsonfile.UTF8BOM)
	i := cell.SkipSpaces(head, 0)
	if i >= len(head) || head[i] != '{' {
		return false
	}
	for i = cell.SkipSpaces(head, i+1); i < len(head) && head[i] == '"'; i = cell.SkipSpaces(head, i+1) {
		end, ok := cell.SkipString(head, i)
		if !ok {
			return false
		}
		key := string(head[i+1 : end-1])
		if i = cell.SkipSpaces(head, end); i >= len(head) || head[i] != ':' {
			return false
		}
		if i = cell.SkipSpaces(head, i+1); i >= len(head) || head[i] != '[' {
			return false
		}
		switch key {
		case "eventTypes", "objectTypes":
			return true
		case "events", "objects":
		default:
			return false
		}
		if first := cell.SkipSpaces(head, i+1); first < len(head) && head[first] != ']' {
			return isOCELElement(head[first:])
		}
		if i, ok = cell.SkipJSON(head, i); !ok {
			return false
		}
		if i = cell.SkipSpaces(head, i); i >= len(head) || head[i] != ',' {
			return false
		}
	}
	return false
}

func isOCELElement(b []byte) bool {
	end, ok := cell.SkipJSON(b, 0)
	if !ok {
		return false
	}
	m, ok := cell.WalkObject(b[:end], nil)
	return ok && cell.HasMember(m, "id") && cell.HasMember(m, "type") && !cell.HasMember(m, "specversion") &&
		(cell.HasMember(m, "relationships") || cell.HasMember(m, "attributes"))
}

// openOCEL reads the object to its end and takes ownership of src.
func openOCEL(ctx context.Context, src *jsonfile.Input, text io.Reader, o *source.Options) (replay.Reader, error) {
	file, left, err := ocelDatabase(ctx, src, text)
	if err != nil {
		src.Close()
		return nil, err
	}
	if err := src.Close(); err != nil {
		file.Close() //nolint:errcheck // the first error matters
		return nil, src.Fail("read", err)
	}
	l := &table.Layout{
		Dialect:    ocelDialect.Name,
		Recognised: "an object with events and objects; a stream is an object, versions and positions are the order by time",
		From:       "asof_ocel",
		Numbered:   true,
		Cols: [source.NumFields]string{
			source.Stream: "stream", source.Version: "version", source.Position: "position", source.Category: "category",
			source.Type: "type", source.ID: "id", source.Time: "time", source.Meta: "meta", source.Data: "data",
		},
		LeftOut: []table.Omission{
			table.Counted("event", " about no object", "SELECT count(*) FROM events WHERE id NOT IN (SELECT event FROM about)"),
			{One: "repeated event", What: "repeated events", Count: fmt.Sprintf("SELECT %d", left.again)},
			table.Counted("relation", " between objects", fmt.Sprintf("SELECT %d", left.relations)),
		},
	}
	r, err := file.Reader(src.Path, o, l)
	if err == nil {
		return r, nil
	}
	file.Close() //nolint:errcheck // the first error matters
	return nil, src.Fail("open", err)
}

// ocelLeft counts the parts of the file that are not shown.
type ocelLeft struct{ again, relations int }

// ocelDatabase creates the private database, which SQLite removes on close.
func ocelDatabase(ctx context.Context, src *jsonfile.Input, text io.Reader) (_ *sqlite.File, left ocelLeft, err error) {
	f, p, err := sqlite.NewPrivate(ctx, "put in order in a private database")
	if err != nil {
		return nil, left, src.Fail("open", err)
	}
	defer func() {
		if err != nil {
			f.Close() //nolint:errcheck // the first error matters
		}
	}()
	x := &ocelReading{db: p, split: &jsonfile.Splitter{Src: text, Line: 1, Limit: jsonfile.MaxEventBytes}, inserts: map[string]*sqlite.Insert{}}
	err = x.run()
	x.release()
	if err == nil {
		err = src.FinishFirstPass(x.split.Off + int64(x.split.Start))
	} else if ctx.Err() != nil {
		err = ctx.Err()
	} else {
		err = src.Fail("read", err)
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

// ocelJSONOrder numbers the events, see ocelInOrder.
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
