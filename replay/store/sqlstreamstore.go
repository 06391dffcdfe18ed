package store

import "errors"

// sqlStreamStore is the layout of SQLStreamStore (.NET). A stream is shown by its
// original name, which the library hashes for its own use. System streams, whose
// names begin with a dollar sign ($deleted, and $$NAME for metadata), are left out.
// Messages that max_age or max_count lets the library forget are shown for as long
// as they are there.
var sqlStreamStore = dialect{name: "sqlstreamstore", match: matchSQLStreamStore}

func matchSQLStreamStore(p *probe) (*layout, error) {
	streams, messages := p.table("streams"), p.table("messages")
	if streams == nil || messages == nil {
		return nil, errors.New(noTable + "messages, with streams")
	}
	if err := streams.require("id_original", "id_internal"); err != nil {
		return nil, err
	}
	if err := messages.require("event_id", "stream_id_internal", "stream_version", "position",
		"created_utc", "type", "json_data", "json_metadata"); err != nil {
		return nil, err
	}
	const from = "messages m JOIN streams s ON s.id_internal = m.stream_id_internal"
	return &layout{
		recognised: "tables streams with id_original and messages with stream_id_internal",
		from:       from,
		where:      "substr(s.id_original, 1, 1) <> '$'",
		cols: [numColumns]string{
			colStream: "s.id_original", colVersion: "m.stream_version", colPosition: "m.position",
			colType: "m.type", colID: shownID("m.event_id"), colTime: "m.created_utc",
			colData: "m.json_data", colMeta: "m.json_metadata",
		},
		categoryOf: categoryOfName,
		meta: Metadata{
			Correlation: []string{"/$correlationId", "/correlationId"},
			Causation:   []string{"/$causationId", "/causationId"},
		},
		leftOut: []omission{{
			what:  "messages of system streams ($…)",
			count: "SELECT count(*) FROM " + from + " WHERE substr(s.id_original, 1, 1) = '$'",
		}},
	}, nil
}

// categoryOfName is the convention of stores whose streams may be named
// CATEGORY-ID, or by a UUID alone, which has dashes too.
func categoryOfName(stream string) string {
	if _, uuid := uuidDigits(stream); uuid {
		return ""
	}
	return categoryBeforeDash(stream)
}
