package dialect

import (
	"errors"

	"asof/replay/store/cell"
	"asof/replay/store/source"
	"asof/replay/store/sqlite"
	"asof/replay/store/table"
)

// sqlStreamStore is the layout of SQLStreamStore (.NET). Streams are shown by their
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
		Meta: source.Metadata{
			Correlation: []string{"/$correlationId", "/correlationId"},
			Causation:   []string{"/$causationId", "/causationId"},
		},
		LeftOut: []table.Omission{{
			What:  "messages of system streams ($…)",
			Count: "SELECT count(*) FROM " + from + " WHERE substr(s.id_original, 1, 1) = '$'",
		}},
	}, nil
}
