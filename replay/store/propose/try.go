package propose

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"asof/replay"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// SampleRows is how many rows of a table are looked at, and read as events to try what
// is proposed.
const SampleRows = 2000

// maxLooked bounds the tables that are sampled.
const maxLooked = 200

// An Engine samples the tables of a store, and reads one by a proposal.
type Engine interface {
	Sample(t *table.Table, rows int) (*Sample, error)
	// Open opens the sample of the table as a store.
	Open(t *table.Table, p *source.Proposal, rows int) (replay.Reader, error)
}

// Tables looks at the tables for events, and tries what it proposes; the best comes
// first. Where there is none, missing says of the likeliest tables why.
func Tables(ctx context.Context, e Engine, tables map[string]*table.Table) (out []source.Proposal, missing []string, err error) {
	type lack struct {
		text  string
		score int
	}
	var lacks []lack
	looked := 0
	for _, t := range sorted(tables) {
		if looked++; looked > maxLooked {
			break
		}
		s, err := e.Sample(t, SampleRows)
		if err != nil {
			return nil, nil, err
		}
		r := Of(t, s)
		for i := range r.Proposals {
			p := &r.Proposals[i]
			if err := try(ctx, e, t, s, p); err != nil {
				if ctx.Err() != nil {
					return nil, nil, err
				}
				r.Lacks = cmp.Or(r.Lacks, err.Error())
				continue
			}
			out = append(out, *p)
		}
		if r.Lacks != "" {
			lacks = append(lacks, lack{"table " + t.Name + ": " + r.Lacks, r.Score})
		}
	}
	slices.SortStableFunc(out, func(a, b source.Proposal) int { return cmp.Compare(b.Score, a.Score) })
	slices.SortStableFunc(lacks, func(a, b lack) int { return cmp.Compare(b.score, a.score) })
	for _, l := range lacks[:min(3, len(lacks))] {
		missing = append(missing, l.text)
	}
	return out[:min(len(out), 5)], missing, nil
}

// Names returns the names of the tables that [Tables] looks at, in that order.
func Names(tables map[string]*table.Table) []string {
	var names []string
	for _, t := range sorted(tables) {
		if len(names) == maxLooked {
			break
		}
		names = append(names, t.Name)
	}
	return names
}

// sorted puts the tables in an order that does not change, those that are named as
// events are first.
func sorted(tables map[string]*table.Table) []*table.Table {
	var out []*table.Table
	for _, t := range tables {
		out = append(out, t)
	}
	named := func(t *table.Table) int {
		if slices.ContainsFunc(tableNames, func(n string) bool { return endsIn(t.Name, n) }) {
			return 0
		}
		return 1
	}
	slices.SortFunc(out, func(a, b *table.Table) int {
		return cmp.Or(cmp.Compare(named(a), named(b)), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// proofs is how many events are shown of a proposal.
const proofs = 3

// try reads the sample by the proposal: versions must rise, payloads be JSON, and what
// is a time be read as one.
func try(ctx context.Context, e Engine, t *table.Table, s *Sample, p *source.Proposal) error {
	r, err := e.Open(t, p, SampleRows)
	if err != nil {
		return fmt.Errorf("%s does not open it: %w", source.MapText(p.Map), err)
	}
	defer r.Close() //nolint:errcheck // only read
	var first []*replay.Event
	last := map[replay.StreamID]replay.Version{}
	n := 0
	for ev, err := range r.Events(ctx, replay.Query{Order: replay.ByStream}) {
		if err != nil {
			return fmt.Errorf("%s does not read it: %w", source.MapText(p.Map), cause(err))
		}
		v, again := last[ev.Stream]
		switch {
		case again && v >= ev.Version:
			return fmt.Errorf("stream %q has version %d twice", ev.Stream, ev.Version)
		case ev.Opaque != "":
			return fmt.Errorf("the payload of %s@%d is %s", ev.Stream, ev.Version, ev.Opaque)
		case !json.Valid(ev.Data):
			return fmt.Errorf("the payload of %s@%d is not JSON", ev.Stream, ev.Version)
		}
		last[ev.Stream] = ev.Version
		n++
		first = keep(first, ev)
	}
	if n == 0 && len(s.Rows) > 0 {
		return errors.New("none of its rows has a stream and a version")
	}
	switch {
	case len(s.Rows) == 0:
		p.Tried = "no rows: it is empty"
	case len(s.Rows) == 1:
		p.Tried = "its one row"
	case s.Whole:
		p.Tried = fmt.Sprintf("all %d rows", len(s.Rows))
	default:
		p.Tried = fmt.Sprintf("its first %d rows", len(s.Rows))
	}
	if left := len(s.Rows) - n; left > 0 {
		p.Tried += fmt.Sprintf(", %d of them left out because they have no stream or no version", left)
	}
	if p.Map["version"] == "#time" {
		p.Tried += "; its versions are counted by " + p.Map["time"] + ", so they depend on a clock"
	}
	for _, ev := range first {
		p.Proof = append(p.Proof, line(ev))
	}
	return nil
}

// cause is what went wrong, without the path of the store, which has been told.
func cause(err error) error {
	var s *replay.StoreError
	if errors.As(err, &s) {
		return s.Err
	}
	return err
}

// keep keeps the first few events by position, or by time where there is none.
func keep(first []*replay.Event, e *replay.Event) []*replay.Event {
	before := func(a, b *replay.Event) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), a.Time.Compare(b.Time))
	}
	if len(first) == proofs && before(e, first[proofs-1]) >= 0 {
		return first
	}
	first = append(first, e.Clone())
	slices.SortStableFunc(first, before)
	return first[:min(len(first), proofs)]
}

// line shows an event.
func line(e *replay.Event) string {
	const most = 60
	words := []string{fmt.Sprintf("%s@%d", e.Stream, e.Version), e.Type}
	if !e.Time.IsZero() {
		words = append(words, e.Time.UTC().Format(time.RFC3339))
	}
	data := []rune(string(e.Data))
	if len(data) > most {
		data = append(data[:most:most], '…')
	}
	return strings.Join(append(words, string(data)), "  ")
}
