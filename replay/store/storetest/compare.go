package storetest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"iter"

	"asof/replay"
)

func fingerprint(b []byte) uint64 {
	h := fnv.New64a()
	h.Write(b)
	return h.Sum64()
}

// collect reads to the end. Events are cloned as they come, so what is returned
// is what the reader showed at the time.
func collect(events iter.Seq2[*replay.Event, error]) ([]*replay.Event, error) {
	var out []*replay.Event
	var failed error
	for e, err := range events {
		switch {
		case failed != nil:
			return out, fmt.Errorf("something follows the error (%w)", failed)
		case err != nil && e != nil:
			return out, fmt.Errorf("an event comes with an error (%w)", err)
		case err != nil:
			failed = err
		case e == nil:
			return out, errors.New("neither an event nor an error is yielded")
		default:
			out = append(out, e.Clone())
		}
	}
	return out, failed
}

// same asks the reader a question and wants the answer of the oracle.
func (s *session) same(name string, q replay.Query) {
	want, wantErr := collect(s.oracle.Events(context.Background(), q))
	got, err := collect(s.reader.Events(context.Background(), q))
	if wantErr != nil {
		s.sameError(name, q, err, wantErr)
		return
	}
	if err != nil {
		s.Fatalf("%s: %v\n%+v", name, err, q)
	}
	if d := differences(got, want, q.Skip); d != "" {
		s.Fatalf("%s: %s\n%+v", name, d, q)
	}
}

func (s *session) sameError(name string, q replay.Query, err, want error) {
	if err == nil {
		s.Fatalf("%s: no error, want one like %q\n%+v", name, want, q)
	}
	var lacks *replay.UnsupportedError
	if errors.As(want, &lacks) && !errors.As(err, &lacks) {
		s.Fatalf("%s: %T (%v), want a *replay.UnsupportedError\n%+v", name, err, err, q)
	}
}

// differences says where got is not want, or nothing.
func differences(got, want []*replay.Event, skip replay.Fields) string {
	for i, e := range got {
		if i == len(want) {
			return fmt.Sprintf("%d events, want %d: the first too many is %s", len(got), len(want), e.Moment().Label())
		}
		if d := difference(e, want[i], skip); d != "" {
			return fmt.Sprintf("event %d, which should be %s: %s", i+1, want[i].Moment().Label(), d)
		}
	}
	if len(got) < len(want) {
		return fmt.Sprintf("%d events, want %d: the first missing is %s",
			len(got), len(want), want[len(got)].Moment().Label())
	}
	return ""
}

// difference names the first field in which got is not want. Payloads are
// compared without their white space, and otherwise as they are written:
// numbers, order of keys and all.
func difference(got, want *replay.Event, skip replay.Fields) string {
	unlike := func(field string, a, b any) string {
		return fmt.Sprintf("%s is %v, want %v", field, a, b)
	}
	switch {
	case got.Stream != want.Stream:
		return unlike("stream", got.Stream, want.Stream)
	case got.Version != want.Version:
		return unlike("version", got.Version, want.Version)
	case got.Position != want.Position:
		return unlike("position", got.Position, want.Position)
	case got.Category != want.Category:
		return unlike("category", got.Category, want.Category)
	case got.Type != want.Type:
		return unlike("type", got.Type, want.Type)
	case got.Revision != want.Revision:
		return unlike("revision", got.Revision, want.Revision)
	case skip&replay.FieldID == 0 && got.ID != want.ID:
		return unlike("id", got.ID, want.ID)
	case skip&replay.FieldTime == 0 && !got.Time.Equal(want.Time):
		return unlike("time", got.Time, want.Time)
	}
	if skip&replay.FieldData == 0 {
		if (got.Opaque == "") != (want.Opaque == "") {
			return unlike("opaque", got.Opaque, want.Opaque)
		}
		if !sameJSON(got.Data, want.Data) {
			return fmt.Sprintf("data is %s, want %s", got.Data, want.Data)
		}
	}
	if skip&replay.FieldMeta != 0 {
		return ""
	}
	switch g, w := got.Meta, want.Meta; {
	case g.Actor != w.Actor:
		return unlike("actor", g.Actor, w.Actor)
	case g.Correlation != w.Correlation:
		return unlike("correlation", g.Correlation, w.Correlation)
	case g.Causation != w.Causation:
		return unlike("causation", g.Causation, w.Causation)
	case !sameJSON(g.Raw, w.Raw):
		return fmt.Sprintf("metadata is %s, want %s", g.Raw, w.Raw)
	}
	return ""
}

func sameJSON(a, b []byte) bool { return bytes.Equal(compact(a), compact(b)) }

func compact(b []byte) []byte {
	var out bytes.Buffer
	if json.Compact(&out, b) != nil {
		return b
	}
	return out.Bytes()
}
