package check

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"asof/replay"
	"asof/replay/fault"
)

// A ReportError means a report of a check cannot be read, or does not belong with the
// others.
type ReportError struct {
	Name string // of the file; may be empty
	Err  error
	Next fault.Remedy
}

func (e *ReportError) Error() string {
	if e.Name == "" {
		return e.Err.Error()
	}
	return e.Name + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *ReportError) Unwrap() error { return e.Err }

// Class returns [fault.Usage].
func (e *ReportError) Class() fault.Class { return fault.Usage }

// Fault returns [fault.KindBadFile].
func (*ReportError) Fault() fault.Kind { return fault.KindBadFile }

// Remedy returns what to do next.
func (e *ReportError) Remedy() fault.Remedy { return e.Next }

// A Report is the JSON output of a check.
type Report struct {
	*Result
	Next [][]string // suggested commands about the first violation, as arguments
}

// ReadReports reads the JSON output of one or more checks.
func ReadReports(name string, in io.Reader) ([]*Report, error) {
	d := json.NewDecoder(in)
	var out []*Report
	for {
		var r checkReport
		err := d.Decode(&r)
		if errors.Is(err, io.EOF) && len(out) > 0 {
			return out, nil
		}
		if errors.Is(err, io.EOF) {
			err = errors.New("it is empty")
		}
		var c *Report
		if err == nil {
			c, err = r.report()
		}
		if err != nil {
			return nil, &ReportError{Name: name, Err: fmt.Errorf("not a report of a check: %w", plain(err)), Next: fault.Try("write one").By("check").With("shard", "I/N").With("json")}
		}
		out = append(out, c)
	}
}

// plain returns the reason a report cannot be read, without the JSON decoder's wording
// or the path of the file, which ReportError has.
func plain(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	var file *fs.PathError
	switch {
	case errors.As(err, &syntax):
		return errors.New("it is not JSON")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("it is truncated")
	case errors.As(err, &kind) && kind.Field == "":
		return errors.New("it is not an object")
	case errors.As(err, &kind):
		return fmt.Errorf("its field %s has the wrong type", kind.Field)
	case errors.As(err, &file):
		return file.Err
	}
	return err
}

// Merge combines the reports of all shards of one check into the report of a check of
// the whole store. Each shard must appear exactly once.
func Merge(reports []*Report) (*Report, error) {
	if err := sameCheck(reports); err != nil {
		return nil, &ReportError{Err: err, Next: fault.Try("run the shards again, all with the same invariants and at one position,").With("at", "pos:N")}
	}
	if err := allShards(reports); err != nil {
		return nil, &ReportError{Err: err, Next: fault.Try("give the report of each shard once")}
	}
	out := &Result{At: reports[0].At}
	for _, inv := range reports[0].Invariants {
		out.Invariants = append(out.Invariants, InvariantResult{Invariant: inv.Invariant})
	}
	for _, r := range reports {
		for _, what := range r.Lost { // each shard tells what the whole store has lost
			if !slices.Contains(out.Lost, what) {
				out.Lost = append(out.Lost, what)
			}
		}
		out.Incomplete = out.Incomplete.And(r.Incomplete)
		out.Streams, out.Untaken = out.Streams+r.Streams, out.Untaken+r.Untaken
		out.Events += r.Events
		for i, inv := range r.Invariants {
			to := &out.Invariants[i]
			to.Streams += inv.Streams
			to.Violations = append(to.Violations, inv.Violations...)
			to.Errors = append(to.Errors, inv.Errors...)
			to.Unknown = append(to.Unknown, inv.Unknown...)
		}
	}
	out.sort()
	return &Report{out, nextOf(out, reports)}, nil
}

// nextOf returns the commands of the report with the first violation.
func nextOf(merged *Result, reports []*Report) [][]string {
	first := merged.first()
	for _, r := range reports {
		if v := r.first(); v != nil && v.Stream == first.Stream && v.Culprit.Version == first.Culprit.Version {
			return r.Next
		}
	}
	return nil
}

// first returns the first violation of the first violated invariant, or nil.
func (c *Result) first() *Violation {
	for i := range c.Invariants {
		if vs := c.Invariants[i].Violations; len(vs) > 0 {
			return &vs[0]
		}
	}
	return nil
}

// sort puts findings in order of occurrence.
func (c *Result) sort() {
	for i := range c.Invariants {
		slices.SortFunc(c.Invariants[i].Violations, func(a, b Violation) int {
			return cmp.Or(cmp.Compare(a.Culprit.Position, b.Culprit.Position),
				cmp.Compare(a.Stream, b.Stream), cmp.Compare(a.Culprit.Version, b.Culprit.Version))
		})
		slices.SortFunc(c.Invariants[i].Errors, func(a, b StreamError) int { return cmp.Compare(a.Stream, b.Stream) })
		slices.SortFunc(c.Invariants[i].Unknown, func(a, b Unknown) int { return cmp.Compare(a.Stream, b.Stream) })
	}
}

// sameCheck returns an error unless the reports have the same moment and invariants.
func sameCheck(reports []*Report) error {
	if len(reports) == 0 {
		return errors.New("no report")
	}
	first := reports[0]
	for _, r := range reports[1:] {
		if !sameMoment(first.At, r.At) {
			return fmt.Errorf("the reports have different moments: %s and %s", whichMoment(first.At), whichMoment(r.At))
		}
		if !slices.EqualFunc(first.Invariants, r.Invariants, func(a, b InvariantResult) bool { return a.Invariant == b.Invariant }) {
			return errors.New("the reports have different invariants")
		}
	}
	return nil
}

func sameMoment(a, b replay.Moment) bool {
	return a.IsStart() == b.IsStart() && a.Position == b.Position && a.EventID == b.EventID && a.Time.Equal(b.Time)
}

func whichMoment(m replay.Moment) string {
	if m.IsStart() {
		return "no position"
	}
	return fmt.Sprintf("position %d", m.Version())
}

// allShards returns an error unless each shard appears exactly once.
func allShards(reports []*Report) error {
	if len(reports) == 1 && reports[0].Shard.IsAll() {
		return nil
	}
	of := reports[0].Shard.Of
	seen := map[int]bool{}
	for _, r := range reports {
		switch {
		case r.Shard.IsAll():
			return errors.New("one report is of the whole store, not of a shard")
		case r.Shard.Of != of:
			return fmt.Errorf("shards of different counts: %s among those of %d", r.Shard, of)
		case seen[r.Shard.Index]:
			return fmt.Errorf("shard %s appears twice", r.Shard)
		}
		seen[r.Shard.Index] = true
	}
	var missing []string
	for i := 1; i <= of; i++ {
		if !seen[i] {
			missing = append(missing, replay.Shard{Index: i, Of: of}.String())
		}
	}
	if len(missing) > 10 {
		missing = append(missing[:10], fmt.Sprintf("and %d more", len(missing)-10))
	}
	if missing != nil {
		return errors.New("missing: shard " + strings.Join(missing, ", "))
	}
	return nil
}

// checkReport is the report of a check as JSON.
type checkReport struct {
	At         *reportMoment      `json:"at"`
	Shard      string             `json:"shard"`
	Streams    *int64             `json:"streams"`
	Untaken    int64              `json:"untaken"`
	Events     *int64             `json:"events"`
	Invariants *[]reportInvariant `json:"invariants"`
	Lost       []string           `json:"left_out"`
	Incomplete *struct {
		Streams int64  `json:"streams"`
		Stream  string `json:"stream"`
	} `json:"incomplete"`
	Next [][]string `json:"next"`
}

type reportMoment struct {
	Stream    string    `json:"stream"`
	Version   *int64    `json:"version"`
	Position  *int64    `json:"position"`
	Time      time.Time `json:"time"`
	EventID   string    `json:"event_id"`
	EventType string    `json:"event_type"`
}

type reportInvariant struct {
	Name       string            `json:"name"`
	Projection string            `json:"projection"`
	Predicate  string            `json:"predicate"`
	Streams    int64             `json:"streams"`
	Violations []reportViolation `json:"violations"`
	Errors     []struct {
		Stream  string `json:"stream"`
		Message string `json:"message"`
	} `json:"errors"`
	Unknown []struct {
		Stream string        `json:"stream"`
		Unread int64         `json:"unread"`
		First  *reportMoment `json:"first"`
		Reason string        `json:"reason"`
	} `json:"unknown"`
	ViolationCount *int `json:"violation_count"`
	ErrorCount     *int `json:"error_count"`
	UnknownCount   *int `json:"unknown_count"`
}

// isPage reports whether some findings are left out.
func (r reportInvariant) isPage() bool {
	differs := func(count *int, listed int) bool { return count != nil && *count != listed }
	return differs(r.ViolationCount, len(r.Violations)) || differs(r.ErrorCount, len(r.Errors)) || differs(r.UnknownCount, len(r.Unknown))
}

type reportViolation struct {
	Stream      *string       `json:"stream"`
	Culprit     *reportEvent  `json:"culprit"`
	FromStart   *bool         `json:"from_start"`
	Turns       *int64        `json:"turns"`
	Recovered   *bool         `json:"recovered"`
	RecoveredAt *reportMoment `json:"recovered_at"`
}

type reportEvent struct {
	Stream      string    `json:"stream"`
	Category    string    `json:"category"`
	Version     int64     `json:"version"`
	Position    *int64    `json:"position"`
	ID          string    `json:"id"`
	Type        string    `json:"type"`
	Revision    int       `json:"revision"`
	Time        time.Time `json:"time"`
	Actor       string    `json:"actor"`
	Correlation string    `json:"correlation_id"`
	Causation   string    `json:"causation_id"`
}

// UnmarshalJSON leaves a null member unset, and rejects members of the wrong type.
func (r *checkReport) UnmarshalJSON(b []byte) error {
	type plain checkReport
	if !bytes.HasPrefix(b, []byte("{")) {
		return errors.New("it is not an object")
	}
	return json.Unmarshal(b, (*plain)(r))
}

func (r *checkReport) report() (*Report, error) {
	for _, command := range r.Next {
		if len(command) == 0 || command[0] != "asof" {
			return nil, errors.New("its field next has a command of another program")
		}
	}
	c, err := r.checked()
	if err != nil {
		return nil, err
	}
	return &Report{c, r.Next}, nil
}

func (r *checkReport) checked() (*Result, error) {
	if r.Streams == nil || r.Events == nil || r.Invariants == nil {
		return nil, errors.New(`it has no "streams", "events" and "invariants"`)
	}
	c := &Result{Streams: *r.Streams, Untaken: r.Untaken, Events: *r.Events, At: r.At.moment(), Lost: r.Lost}
	if i := r.Incomplete; i != nil {
		c.Incomplete = replay.Incomplete{Streams: i.Streams, One: replay.StreamID(i.Stream)}
	}
	if r.Shard != "" {
		var err error
		if c.Shard, err = replay.ParseShard(r.Shard); err != nil {
			return nil, err
		}
	}
	for _, inv := range *r.Invariants {
		if inv.isPage() {
			return nil, fmt.Errorf("it lists a part of the findings of %q: leave out the limit of the check", inv.Name)
		}
		to := InvariantResult{
			Invariant: Invariant{Name: inv.Name, Projection: inv.Projection, Text: inv.Predicate},
			Streams:   inv.Streams,
		}
		for _, v := range inv.Violations {
			switch {
			case v.Culprit == nil:
				return nil, fmt.Errorf("a violation of %q has no culprit", inv.Name)
			case v.Stream == nil || v.FromStart == nil || v.Turns == nil || v.Recovered == nil:
				return nil, fmt.Errorf("a violation of %q lacks fields: write the report with all of them", inv.Name)
			}
			found := Violation{
				Stream: replay.StreamID(*v.Stream), Culprit: v.Culprit.event(), FromStart: *v.FromStart,
				Turns: *v.Turns, Recovered: *v.Recovered,
			}
			if v.RecoveredAt != nil {
				at := v.RecoveredAt.moment()
				found.RecoveredAt = &at
			}
			to.Violations = append(to.Violations, found)
		}
		for _, e := range inv.Errors {
			to.Errors = append(to.Errors, StreamError{Stream: replay.StreamID(e.Stream), Err: errors.New(e.Message)})
		}
		for _, u := range inv.Unknown {
			to.Unknown = append(to.Unknown, Unknown{
				Stream: replay.StreamID(u.Stream), Unread: u.Unread, First: &replay.OpaqueError{At: u.First.moment(), Reason: u.Reason},
			})
		}
		c.Invariants = append(c.Invariants, to)
	}
	return c, nil
}

func (m *reportMoment) moment() replay.Moment {
	if m == nil {
		return replay.Moment{Position: replay.NoPosition}
	}
	out := replay.Moment{
		Stream: m.Stream, Position: reportPosition(m.Position), Time: m.Time, EventID: m.EventID, EventType: m.EventType,
	}
	if m.Version == nil {
		return out
	}
	return out.WithVersion(replay.Version(*m.Version))
}

func reportPosition(p *int64) replay.Position {
	if p == nil {
		return replay.NoPosition
	}
	return replay.Position(*p)
}

func (e *reportEvent) event() *replay.Event {
	return &replay.Event{
		Stream: replay.StreamID(e.Stream), Category: e.Category, Version: replay.Version(e.Version), Position: reportPosition(e.Position),
		ID: e.ID, Type: e.Type, Revision: e.Revision, Time: e.Time,
		Meta: replay.Meta{Actor: e.Actor, Correlation: e.Correlation, Causation: e.Causation},
	}
}
