package dialect

import (
	"errors"
	"slices"
	"strings"

	"asof/replay/store/cell"
	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// matchEventuous binds Eventuous (.NET, about 0.14 and later), with messages and streams in two tables. Positions in
// a stream start at 0. Times are UTC without a zone. The columns are those of the schema scripts in its
// repository, from its experimental package on; the first release with them is not verified.
//
//	streams(stream_name varchar, stream_id integer PK, version integer)
//	messages(message_id uuid, message_type varchar, stream_id integer, stream_position integer,
//	  global_position bigint PK, json_data jsonb, json_metadata jsonb, created timestamp)
func matchEventuous(p *postgres.Probe) (*table.Layout, error) {
	t, err := p.Need("messages", "message_id", "message_type", "stream_id", "stream_position", "global_position",
		"json_data", "json_metadata", "created")
	if err != nil {
		return nil, err
	}
	streams, err := p.Need("streams", "stream_name", "stream_id")
	if err != nil {
		return nil, err
	}
	l := &table.Layout{
		Recognised: p.Found("tables messages and streams"),
		From:       p.Name(t) + " AS m JOIN " + p.Name(streams) + " AS s ON s.stream_id = m.stream_id",
		CategoryOf: cell.CategoryOfName,
		Meta:       dollarOrCamel(),
		LeftOut:    []table.Omission{ofNoStream("message", p.Name(t), "stream_id", p.Name(streams), "stream_id")},
	}
	l.Cols = [source.NumFields]string{
		source.Version: "m.stream_position", source.Position: "m.global_position", source.Time: "m.created",
		source.Type: p.Text("m", t, "message_type"), source.Data: "m.json_data", source.Meta: "m.json_metadata",
	}
	p.Stream(l, "s", streams, "stream_name")
	p.ID(l, "m", t, "message_id")
	return l, nil
}

// eventuousSQLite is the layout of Eventuous on SQLite (about 0.16 and later, by the schema script in its
// repository), whose schema is the prefix of its tables. If there are several, [source.Options].Context names one.
//
//	SCHEMA_streams(stream_id INTEGER PK, stream_name TEXT, version INTEGER)
//	SCHEMA_messages(global_position INTEGER PK, message_id TEXT, message_type TEXT, stream_id INTEGER, stream_position INTEGER,
//	  json_data TEXT, json_metadata TEXT, created TEXT)
var eventuousSQLite = sqlite.Dialect{Name: "eventuous-sqlite", Match: matchEventuousSQLite}

func matchEventuousSQLite(p *sqlite.Probe) (*table.Layout, error) {
	var found []string
	why := errors.New(source.NoTable + "SCHEMA_messages, with SCHEMA_streams")
	for _, t := range p.Tables {
		schema, ok := strings.CutSuffix(t.Name, "_messages")
		streams := p.Table(schema + "_streams")
		if !ok || streams == nil {
			continue
		}
		err := errors.Join(t.Require("global_position", "message_id", "message_type", "stream_id", "stream_position", "json_data", "json_metadata", "created"),
			streams.Require("stream_id", "stream_name"))
		if err == nil {
			found = append(found, schema)
		} else {
			why = err
		}
	}
	if len(found) == 0 {
		return nil, why
	}
	slices.Sort(found)
	chosen, err := p.Opts.Choose(found)
	if err != nil {
		return nil, err
	}
	if len(chosen) > 1 {
		return nil, &source.ContextError{Msg: "several schemas hold its events", Contexts: chosen}
	}
	messages, streams := p.Name(p.Table(chosen[0]+"_messages")), p.Name(p.Table(chosen[0]+"_streams"))
	l := &table.Layout{
		Recognised: "tables " + chosen[0] + "_messages and " + chosen[0] + "_streams",
		From:       messages + " m JOIN " + streams + " s ON s.stream_id = m.stream_id",
		Contexts:   found,
		Cols: [source.NumFields]string{
			source.Stream: "s.stream_name", source.Version: "m.stream_position", source.Position: "m.global_position",
			source.Type: "m.message_type", source.ID: "m.message_id", source.Time: "m.created",
			source.Data: "m.json_data", source.Meta: "m.json_metadata",
		},
		CategoryOf: cell.CategoryOfName,
		Meta:       dollarOrCamel(),
		LeftOut:    []table.Omission{ofNoStream("message", messages, "stream_id", streams, "stream_id")},
	}
	for _, other := range source.Without(found, chosen[0]) {
		l.LeftOut = append(l.LeftOut, table.Counted("message", " of the schema "+other, "SELECT count(*) FROM "+table.QuoteName(other+"_messages")))
	}
	return l, nil
}
