package dialect

import (
	"errors"
	"fmt"
	"strings"

	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// sqlStreamStore is the layout of SQLStreamStore 1.2 (.NET). Streams are shown by their
// original names, which the library hashes internally. System streams, whose names begin
// with a dollar sign ($deleted, and $$NAME for metadata), are left out. Messages beyond
// max_age or max_count are shown until the library deletes them.
var sqlStreamStore = sqlite.Dialect{Name: "sqlstreamstore", Match: matchSQLStreamStore}

func matchSQLStreamStore(p *sqlite.Probe) (*table.Layout, error) {
	streams, messages := p.Table("streams"), p.Table("messages")
	if streams == nil || messages == nil {
		return nil, errors.New(source.NoTable + "messages, with streams")
	}
	if err := streams.Require("id_original", "id_internal"); err != nil {
		return nil, err
	}
	if err := messages.Require("event_id", "stream_id_internal", "stream_version", "position",
		"created_utc", "type", "json_data", "json_metadata"); err != nil {
		return nil, err
	}
	const from = "messages m JOIN streams s ON s.id_internal = m.stream_id_internal"
	return &table.Layout{
		Recognised: "tables streams with id_original and messages with stream_id_internal",
		From:       from,
		Where:      "substr(s.id_original, 1, 1) <> '$'",
		Cols: [source.NumFields]string{
			source.Stream: "s.id_original", source.Version: "m.stream_version", source.Position: "m.position",
			source.Type: "m.type", source.ID: sqlite.ShownID("m.event_id"), source.Time: "m.created_utc",
			source.Data: "m.json_data", source.Meta: "m.json_metadata",
		},
		CategoryOf: cell.CategoryOfName,
		Meta:       dollarOrCamel(),
		LeftOut: []table.Omission{
			table.Counted("message", " of system streams ($…)", "SELECT count(*) FROM "+from+" WHERE substr(s.id_original, 1, 1) = '$'"),
			ofNoStream("message", "messages", "stream_id_internal", "streams", "id_internal"),
		},
	}, nil
}

// ofNoStream is the omission of the events whose stream has no row in the table of
// streams.
func ofNoStream(noun, events, stream, streams, id string) table.Omission {
	return table.Lost(noun, " of no stream",
		"SELECT count(*) FROM "+events+" AS m WHERE NOT EXISTS (SELECT 1 FROM "+streams+" AS s WHERE s."+id+" = m."+stream+")")
}

// matchServerSQLStreamStore binds the same library in PostgreSQL, MySQL or MariaDB (1.2, and
// earlier ones with JSON as text).
//
//	streams(id char(42), id_original varchar, id_internal integer PK, version, position, max_age, max_count)
//	messages(stream_id_internal integer, stream_version integer, position bigint PK, message_id uuid, created_utc timestamp,
//	  type varchar, json_data jsonb, json_metadata jsonb)
//
// A stream is looked up by its original name. In MySQL an id is the 16 bytes of a GUID in
// the order of .NET.
func matchServerSQLStreamStore[P serverProbe](p P) (*table.Layout, error) {
	m, err := p.Need("messages", "stream_id_internal", "stream_version", "position", "message_id", "created_utc", "type", "json_data", "json_metadata")
	if err != nil {
		return nil, err
	}
	streams, err := p.Need("streams", "id_original", "id_internal")
	if err != nil {
		return nil, err
	}
	first := "left(" + p.Collated("s.id_original") + ", 1)"
	from := p.Name(m) + " AS m JOIN " + p.Name(streams) + " AS s ON s.id_internal = m.stream_id_internal"
	l := &table.Layout{
		Recognised: p.Found("tables streams with id_original and messages with stream_id_internal"),
		From:       from,
		Where:      first + " <> '$'",
		CategoryOf: cell.CategoryOfName,
		Meta:       dollarOrCamel(),
		LeftOut: []table.Omission{
			table.Counted("message", " of system streams ($…)", "SELECT count(*) FROM "+from+" WHERE "+first+" = '$'"),
			ofNoStream("message", p.Name(m), "stream_id_internal", p.Name(streams), "id_internal"),
		},
	}
	l.Cols = [source.NumFields]string{
		source.Version: "m.stream_version", source.Position: "m.position", source.Time: "m.created_utc",
		source.Type: p.Text("m", m, "type"), source.Data: "m.json_data", source.Meta: "m.json_metadata",
	}
	p.Stream(l, "s", streams, "id_original")
	if p.ID(l, "m", m, "message_id"); m.Column("message_id").Type == "binary" {
		l.Cols[source.ID] = dotNetGUID("m.message_id")
	}
	return l, nil
}

// dotNetGUID returns SQL of MySQL for the 16 bytes of a GUID, of which .NET writes the first
// three numbers with the lowest byte first.
func dotNetGUID(bytes string) string {
	var parts []string
	for _, part := range [][]int{{7, 5, 3, 1}, {11, 9}, {15, 13}, {17, 19}, {21, 23, 25, 27, 29, 31}} {
		for i, at := range part {
			if i == 0 && parts != nil {
				parts = append(parts, "'-'")
			}
			parts = append(parts, fmt.Sprintf("substr(hex(%s), %d, 2)", bytes, at))
		}
	}
	return "lower(concat(" + strings.Join(parts, ", ") + "))"
}
