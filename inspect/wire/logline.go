package wire

import (
	"strconv"
	"time"

	"asof/inspect"
	"asof/replay"
	"asof/replay/state"
)

// logLine appends what [Append] appends for [Bodies.Entry] without changes, directly: an
// export has a line for every event of a store.
func (b *Bodies) logLine(dst []byte, entry *inspect.Entry) []byte {
	e := entry.Event
	dst = appendText(append(dst, `{"actor":`...), e.Meta.Actor)
	dst = appendText(append(dst, `,"category":`...), e.Category)
	dst = appendText(append(dst, `,"causation_id":`...), e.Meta.Causation)
	dst = appendText(append(dst, `,"correlation_id":`...), e.Meta.Correlation)
	if entry.Cursor != "" {
		dst = state.AppendQuoted(append(dst, `,"cursor":`...), entry.Cursor)
	}
	dst, opaque := b.appendPayload(append(dst, `,"data":`...), e)
	dst = appendText(append(dst, `,"id":`...), e.ID)
	dst = b.appendMetadata(append(dst, `,"metadata":`...), e)
	if opaque != "" {
		dst = state.AppendQuoted(append(dst, `,"opaque":`...), opaque)
	}
	dst = append(dst, `,"position":`...)
	if e.Position == replay.NoPosition {
		dst = append(dst, "null"...)
	} else {
		dst = strconv.AppendInt(dst, int64(e.Position), 10)
	}
	dst = append(dst, `,"revision":`...)
	if e.Revision == 0 {
		dst = append(dst, "null"...)
	} else {
		dst = strconv.AppendInt(dst, int64(e.Revision), 10)
	}
	dst = state.AppendQuoted(append(dst, `,"stream":`...), string(e.Stream))
	dst = append(dst, `,"time":`...)
	if e.Time.IsZero() {
		dst = append(dst, "null"...)
	} else {
		dst = append(e.Time.UTC().AppendFormat(append(dst, '"'), time.RFC3339Nano), '"')
	}
	dst = appendText(append(dst, `,"type":`...), e.Type)
	dst = strconv.AppendInt(append(dst, `,"version":`...), int64(e.Version), 10)
	return append(dst, '}')
}

// appendText appends a string, or null for an empty one, which the store has no value for.
func appendText(dst []byte, s string) []byte {
	if s == "" {
		return append(dst, "null"...)
	}
	return state.AppendQuoted(dst, s)
}

// appendPayload appends [Bodies.Payload].
func (b *Bodies) appendPayload(dst []byte, e *replay.Event) ([]byte, string) {
	if e.Opaque == "" {
		if dst, ok := b.text.Append(dst, e.Data); ok {
			return dst, ""
		}
	}
	v, opaque := b.Payload(e)
	return state.AppendSorted(dst, v), opaque
}

// appendMetadata appends [Bodies.Metadata].
func (b *Bodies) appendMetadata(dst []byte, e *replay.Event) []byte {
	if e.Meta.Raw != nil {
		if dst, ok := b.text.Append(dst, e.Meta.Raw); ok {
			return dst
		}
	}
	return state.AppendSorted(dst, b.Metadata(e))
}
