package bisect

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"asof/replay"
)

// A Record is the saved form of a search: the line "start" and JSON, then a line for
// each mark, such as "good 17". Text after a # is for people.
type Record struct {
	Store      string   `json:"store"`
	Stream     string   `json:"stream"` // or proj:NAME
	From       *int64   `json:"from"`   // versions; null is the start
	To         *int64   `json:"to"`
	Folds      []string `json:"fold,omitempty"`
	Projection string   `json:"projection,omitempty"`
	Strict     bool     `json:"strict,omitempty"`
	Dialect    string   `json:"dialect,omitempty"`
	TermOld    string   `json:"term_old,omitempty"`
	TermNew    string   `json:"term_new,omitempty"`
	Run        string   `json:"run,omitempty"`

	marks []VersionMark
}

// A VersionMark is a mark and the version of the event it is about.
type VersionMark struct {
	Version *int64 // nil: the start of the range
	Mark    Mark
}

// Marks returns the marks in the order in which they were made.
func (r *Record) Marks() []VersionMark { return r.marks }

const recordHead = "# asof bisect; asof bisect replay FILE resumes it\n"

// IsRecord reports whether a file with this beginning is the record of a search.
func IsRecord(head []byte) bool { return bytes.HasPrefix(head, []byte(recordHead)) }

// Note copies the range and the marks of a session into the record.
func (r *Record) Note(n *Session) {
	version := func(m replay.Moment) *int64 {
		if m.IsStart() {
			return nil
		}
		v := int64(m.Version())
		return &v
	}
	r.Stream, r.From, r.To = n.Subject.Timeline.Name, version(n.From), version(n.To)
	r.marks = nil
	for _, p := range n.Search.Marks() {
		m := VersionMark{Mark: p.Mark}
		if v, ok := n.Version(p.Index); ok {
			at := int64(v)
			m.Version = &at
		}
		r.marks = append(r.marks, m)
	}
}

// Text returns the written form of the record.
func (r *Record) Text() ([]byte, error) {
	head, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	text := append([]byte(recordHead+"start "), head...)
	text = append(text, '\n')
	for _, m := range r.marks {
		name := "start"
		if m.Version != nil {
			name = strconv.FormatInt(*m.Version, 10)
		}
		text = fmt.Appendf(text, "%s %s\n", m.Mark, name)
	}
	return text, nil
}

// ReadRecord parses the output of [Record.Text]. Its errors begin with the line number.
func ReadRecord(text []byte) (*Record, error) {
	var r *Record
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, len(text)+1)
	n := 0
	for lines.Scan() {
		n++
		line, _, _ := strings.Cut(lines.Text(), "#")
		if strings.HasPrefix(lines.Text(), "start ") { // its JSON may contain a #
			line = lines.Text()
		}
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case word == "":
		case word == "start" && r == nil:
			r = &Record{}
			if err := json.Unmarshal([]byte(rest), r); err != nil || r.Store == "" || r.Stream == "" {
				return nil, fmt.Errorf("%d: the line does not name a store and a stream", n)
			}
		case r == nil:
			return nil, fmt.Errorf("%d: it does not begin with a line \"start\"", n)
		default:
			m, err := readMark(word, rest)
			if err != nil {
				return nil, fmt.Errorf("%d: %w", n, err)
			}
			r.marks = append(r.marks, m)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%d: %w", n, err)
	}
	if r == nil {
		return nil, fmt.Errorf("%d: it contains no search", max(n, 1))
	}
	return r, nil
}

func readMark(word, rest string) (VersionMark, error) {
	m := VersionMark{Mark: Mark(word)}
	if !slices.Contains([]Mark{MarkGood, MarkBad, MarkSkip}, m.Mark) {
		return m, fmt.Errorf("%q is not good, bad or skip", word)
	}
	if rest == "start" {
		return m, nil
	}
	v, err := strconv.ParseInt(rest, 10, 64)
	if err != nil {
		return m, fmt.Errorf("%q is not a version", rest)
	}
	m.Version = &v
	return m, nil
}

// Range is the range that was searched.
func (r *Record) Range() replay.Range {
	point := func(v *int64) replay.Point {
		if v == nil {
			return replay.Start()
		}
		return replay.AtVersion(replay.Version(*v))
	}
	return replay.Range{From: point(r.From), To: point(r.To)}
}

// CanResume reports whether the record is of the same interactive search as another,
// and has any marks.
func (r *Record) CanResume(other *Record) bool {
	return r.Store == other.Store && r.Stream == other.Stream && r.Run == "" && r.Projection == other.Projection &&
		slices.Equal(r.Folds, other.Folds) && equal(r.From, other.From) && equal(r.To, other.To) && len(r.marks) > 0
}

func equal(a, b *int64) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

// ErrOutsideRange means a record names an event outside the range.
var ErrOutsideRange = errors.New("the search names an event outside the range")

// Apply marks the session as the record says.
func (r *Record) Apply(n *Session) error {
	for _, m := range r.marks {
		index, ok := 0, m.Version == nil && n.From.IsStart()
		if m.Version != nil {
			index, ok = n.Index(replay.Version(*m.Version))
		}
		if !ok {
			return ErrOutsideRange
		}
		if err := n.Mark(index, m.Mark); err != nil {
			return err
		}
	}
	return nil
}

// Restart forgets the marks of a session.
func (n *Session) Restart() { n.Search = NewSearch(n.Len()) }
