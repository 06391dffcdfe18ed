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

// read calls use for each event and returns the first error. It also fails if the sequence
// breaks the rules of a reader. An event is invalid once the next one is requested.
func read(events iter.Seq2[*replay.Event, error], use func(*replay.Event) error) error {
	var failed error
	for e, err := range events {
		switch {
		case failed != nil:
			return fmt.Errorf("the sequence continues after an error (%w)", failed)
		case err != nil && e != nil:
			return fmt.Errorf("an event is yielded with an error (%w)", err)
		case err != nil:
			failed = err
		case e == nil:
			return errors.New("neither an event nor an error is yielded")
		default:
			if err := use(e); err != nil {
				return err
			}
		}
	}
	return failed
}

// compare reads to the end and fails at the first unexpected event.
func compare(events iter.Seq2[*replay.Event, error], want []*replay.Event, skip replay.Fields) error {
	n := 0
	err := read(events, func(e *replay.Event) error {
		if n == len(want) {
			return fmt.Errorf("more than %d events: the first unexpected one is %s", n, e.Moment().Label())
		}
		if d := difference(e, want[n], skip); d != "" {
			return fmt.Errorf("event %d, which should be %s: %s", n+1, want[n].Moment().Label(), d)
		}
		n++
		return nil
	})
	if err == nil && n < len(want) {
		err = fmt.Errorf("%d events, want %d: the first missing is %s", n, len(want), want[n].Moment().Label())
	}
	return err
}

// same runs a query and compares the answer with the oracle's.
func (s *session) same(name string, q replay.Query) {
	events := s.reader.Events(context.Background(), q)
	want, err := s.oracle.answer(q)
	if err != nil {
		s.sameError(name, q, read(events, func(*replay.Event) error { return nil }), err)
		return
	}
	if err := compare(events, want, q.Skip); err != nil {
		s.Fatalf("%s: %v\n%+v", name, err, q)
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

// difference returns the first field in which got differs from want. Payloads are
// compared as written, including numbers and the order of keys, except for white space.
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

func sameJSON(a, b []byte) bool { return bytes.Equal(a, b) || bytes.Equal(compact(a), compact(b)) }

func compact(b []byte) []byte {
	var out bytes.Buffer
	if json.Compact(&out, b) != nil {
		return b
	}
	return out.Bytes()
}
