package project

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/place"
)

// A Project is the content of an asof.toml. Nothing that it names has been opened or
// run. It is safe for concurrent use.
type Project struct {
	Path        string // the file
	Dir         string // its folder, the base of relative paths
	Stores      []*Store
	Metadata    Metadata // the default for stores
	Projections []*Projection
	Invariants  []*Invariant // in the order of the file, like all lists
}

// A Store is a store in a project, with its settings. Package store checks their
// values.
type Store struct {
	Name     string
	Location place.Location // a path is absolute if the project's path is
	Dialect  string
	Table    string
	Query    string
	Map      map[string]string // field → column
	Context  string            // the application, if the store has several
	Clock    string            // which of an event's two times to use
	TimeZone string            // for times stored without one
	KeyFile  string            // absolute if the project's path is
	Metadata Metadata          // where empty, the project's
	Line     int               // line of its name in the file, from 1
}

// Metadata says where the envelope is in an event's metadata, as RFC 6901 pointers
// that are tried in order. Empty means the dialect's default.
type Metadata struct {
	Actor, Correlation, Causation []string
}

// A Kind is how a projection folds.
type Kind uint8

// Kinds of folds.
const (
	KindMerge   Kind = iota // RFC 7396 merge patches
	KindScript              // a JavaScript file
	KindCommand             // an external command
)

// A Projection is a fold for some streams.
type Projection struct {
	Name       string
	Streams    []string // patterns of stream ids, see [Glob]
	Categories []string
	Fold       string // as written in the file: "merge", a path, or "exec:…"
	Kind       Kind
	Upcast     []string // paths of scripts, as written in the file
	ArrayKeys  []string // that identify objects in arrays
	Line       int      // line of its [[projection]] in the file, from 1

	doc     *tomlDoc // for errors found when it is opened
	at      tomlPath
	dir     string
	globs   []glob
	command []string // of KindCommand

	mu      sync.Mutex
	sources map[string]string // texts of scripts, by path as written in the file
}

// An Invariant is a condition on every state of a projection.
type Invariant struct {
	Name       string
	Projection string
	Good, Bad  string // a JavaScript predicate; one of the two is empty
	Line       int    // line of the predicate in the file, from 1
}

// Store returns the store of that name. If there is none, the error is a
// [replay.NotFoundError].
func (p *Project) Store(name string) (*Store, error) {
	i := slices.IndexFunc(p.Stores, func(s *Store) bool { return s.Name == name })
	if i < 0 {
		var names []string
		for _, s := range p.Stores {
			names = append(names, s.Name)
		}
		return nil, p.notFound("store", name, names)
	}
	return p.Stores[i], nil
}

// Projection returns the projection of that name. If there is none, the error is a
// [replay.NotFoundError].
func (p *Project) Projection(name string) (*Projection, error) {
	i := slices.IndexFunc(p.Projections, func(j *Projection) bool { return j.Name == name })
	if i < 0 {
		return nil, p.notFound("projection", name, p.projectionNames())
	}
	return p.Projections[i], nil
}

func (p *Project) projectionNames() []string {
	var names []string
	for _, j := range p.Projections {
		names = append(names, j.Name)
	}
	return names
}

func (p *Project) notFound(kind, name string, have []string) error {
	e := &replay.NotFoundError{Kind: kind, Name: name, In: p.Path, Near: fault.Near(name, have, 3)}
	if len(have) == 0 {
		e.Next = fault.Try(fmt.Sprintf("the file has no %s", kind))
	} else {
		e.Next = fault.Try(listed("it has ", have))
	}
	return e
}

// ProjectionFor returns the first projection in the file that matches a stream.
func (p *Project) ProjectionFor(stream replay.StreamID, category string) (*Projection, bool) {
	for _, j := range p.Projections {
		if j.Matches(stream, category) {
			return j, true
		}
	}
	return nil, false
}

// HasSelector reports whether the file selects the projection's streams. If not, its
// script may, see [replay.Selector].
func (j *Projection) HasSelector() bool { return len(j.Streams) > 0 || len(j.Categories) > 0 }

// For describes the streams that the file selects; empty if it selects none.
func (j *Projection) For() string {
	var parts []string
	if len(j.Categories) > 0 {
		parts = append(parts, "category = "+oneOf(j.Categories))
	}
	if len(j.Streams) > 0 {
		parts = append(parts, "streams = "+oneOf(j.Streams))
	}
	return strings.Join(parts, ", ")
}

func oneOf(names []string) string {
	var all []string
	for _, n := range names {
		all = append(all, strconv.Quote(n))
	}
	return strings.Join(all, " or ")
}

// Matches reports whether the file selects a stream for the projection. The stream
// must match one of the patterns and one of the categories, if there are any. A
// projection without either matches no stream.
func (j *Projection) Matches(stream replay.StreamID, category string) bool {
	if !j.HasSelector() {
		return false
	}
	if len(j.Categories) > 0 && !slices.Contains(j.Categories, category) {
		return false
	}
	return len(j.globs) == 0 ||
		slices.ContainsFunc(j.globs, func(g glob) bool { return g.match(string(stream)) })
}

// An Error is a fault in an asof.toml, or in something that it names.
type Error struct {
	Path      string // the asof.toml
	Line, Col int    // from 1, Col in characters; 0: no position
	Source    string // the line, with a caret below it; may be empty
	Msg       string
	Near      []string // similar names, nearest first
	Next      string   // the hint
	Err       error    // the cause or nil; its text is in Msg
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.Path, e.Msg)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.Path, e.Line, e.Col, e.Msg)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Class returns [fault.Usage].
func (e *Error) Class() fault.Class { return fault.Usage }

// Fault returns [fault.KindBadProject].
func (*Error) Fault() fault.Kind { return fault.KindBadProject }

// Remedy returns what to do next.
func (e *Error) Remedy() fault.Remedy { return fault.Remedy{Near: e.Near, Text: e.Next} }

// nearest returns e with similar names, if there are any, instead of another hint.
func (e *Error) nearest(near []string) *Error {
	if len(near) > 0 {
		e.Near, e.Next = near, ""
	}
	return e
}

// listed returns a phrase followed by some of the names.
func listed(phrase string, names []string) string {
	const most = 12
	more := ""
	if len(names) > most {
		names, more = names[:most], ", …"
	}
	return phrase + strings.Join(names, ", ") + more
}
