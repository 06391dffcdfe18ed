package source

import (
	"strings"
)

// columnHints lists the usual names of columns, most specific first. A star stands for any
// text.
var columnHints = [NumFields][]string{
	Stream: {
		"stream_id", "stream", "stream_name", "aggregate_id", "aggregate_uuid", "originator_id",
		"aggregate_root_id", "entity_id", "persistence_id", "subject", "*_stream", "aggregate*",
		"entity*", "*_uuid", "*_id",
	},
	Version: {
		"version", "stream_version", "stream_position", "aggregate_version", "sequence_number",
		"sequence", "seq", "playhead", "revision", "event_number", "*_version", "*_seq", "*_no", "*_number",
	},
	Position: {"global_position", "position", "global_sequence", "*_position", "id", "seq", "no"},
	Type:     {"type", "event_type", "kind", "event_name", "event", "event_class", "topic", "action", "name", "*_type", "*_kind"},
	Data:     {"data", "payload", "body", "event_data", "state", "content", "*_data", "*_payload", "*_body", "*json*"},
	Meta:     {"metadata", "meta", "headers", "meta_data", "*_metadata", "*_meta"},
	Time: {
		"time", "recorded_at", "created_at", "occurred_at", "timestamp", "recorded_on", "created", "at", "ts",
		"*_at", "*_on", "*_time", "*_timestamp", "date",
	},
	ID:          {"event_id", "id", "uuid", "guid", "message_id"},
	Category:    {"category", "aggregate_type", "stream_type", "entity_type"},
	Actor:       {"actor", "user_id", "user", "actor_id", "created_by"},
	Correlation: {"correlation_id", "correlation"},
	Causation:   {"causation_id", "causation"},
}

func hintFits(hint, name string) bool {
	before, after, star := strings.Cut(hint, "*")
	if !star {
		return name == hint
	}
	if inner, ok := strings.CutSuffix(after, "*"); ok && before == "" {
		return strings.Contains(name, inner)
	}
	return len(name) >= len(before)+len(after) && strings.HasPrefix(name, before) && strings.HasSuffix(name, after)
}

// IsKind reports whether a column's name suggests that it gives the kind of a stream.
func IsKind(name string) bool {
	lower := strings.ToLower(name)
	return lower == "kind" || lower == "category" || strings.HasSuffix(lower, "type")
}

// ProposalOrder is the order in which fields choose a column.
var ProposalOrder = []Field{
	Stream, Version, Category, Type, Data, Meta, Time, ID,
	Actor, Correlation, Causation,
}

// Fits rates how well a name fits a field: 3 for one of its names, 1 for a similar name,
// 0 for no fit.
func Fits(c Field, lower string) int {
	for _, h := range columnHints[c] {
		if hintFits(h, lower) {
			if strings.Contains(h, "*") {
				return 1
			}
			return 3
		}
	}
	return 0
}
