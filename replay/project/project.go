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

// A Project is what an asof.toml says. Nothing that it names has been opened or
// run. Its methods may be called from several goroutines.
type Project struct {
	Path        string // of the file
	Dir         string // of its folder, which the paths in it are relative to
	Stores      []*Store
	Metadata    Metadata // for stores that don't say otherwise
	Projections []*Projection
	Invariants  []*Invariant // in the order of the file, like the rest
}

// A Store is a store that a project names, with what there is to know to open
// it. What it may hold is for replay/store to say.
type Store struct {
	Name     string
	Location place.Location // a path is absolute unless the project's own was not
	Dialect  string
	Table    string
	Map      map[string]string // field → column
	Context  string            // the application, where the store holds several
	Clock    string            // which of two times an event has
	TimeZone string            // of times that are written without one
	KeyFile  string            // a path like Path
	Metadata Metadata          // where it says nothing, the project's
	Line     int               // of its name in the file, from 1
}

// Metadata says where in an event's metadata its envelope lives: RFC 6901
// pointers, tried in order. Empty: where the dialect keeps them.
type Metadata struct {
	Actor, Correlation, Causation []string
}

// A Kind is how a projection folds.
type Kind uint8

// The kinds of fold.
const (
	KindMerge   Kind = iota // RFC 7396 merge patches
	KindScript              // a JavaScript file
	KindCommand             // an external command
)

// A Projection is a fold with the streams that it is for.
type Projection struct {
	Name       string
	Streams    []string // patterns of stream ids, see [Glob]
	Categories []string
	Fold       string // as the file has it: "merge", a path, or "exec:…"
	Kind       Kind
	Upcast     []string // scripts, as the file has them
	ArrayKeys  []string // that identify objects in arrays
	Line       int      // of its [[projection]] in the file, from 1

	doc     *tomlDoc // for errors that are found at use
	at      tomlPath
	dir     string
	globs   []glob
	command []string // of KindCommand

	mu      sync.Mutex
	sources map[string]string // by path as the file has it
}

// An Invariant is what must hold for every state of a projection.
type Invariant struct {
	Name       string
	Projection string
	Good, Bad  string // a predicate in JavaScript; one of them is empty
	Line       int    // of the predicate in the file, from 1
}

// Store returns the store of that name. Where there is none, the error is a
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

// Projection returns the projection of that name. Where there is none, the error
// is a [replay.NotFoundError].
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
		e.Next = fault.Try(fmt.Sprintf("the file names no %s", kind))
	} else {
		e.Next = fault.Try(listed("it names ", have))
	}
	return e
}

// ProjectionFor returns the first projection of the file that is for a stream.
func (p *Project) ProjectionFor(stream replay.StreamID, category string) (*Projection, bool) {
	for _, j := range p.Projections {
		if j.Matches(stream, category) {
			return j, true
		}
	}
	return nil, false
}

// HasSelector reports whether the file says which streams the projection is for.
// If not, that is for its script to say, see [replay.Selector].
func (j *Projection) HasSelector() bool { return len(j.Streams) > 0 || len(j.Categories) > 0 }

// For says which streams the projection is for, as the file has it; empty where
// that is for its script to say.
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

// Matches reports whether the file says that the projection is for a stream: one
// of the patterns and one of the categories fits, where there are any. A
// projection without either has to be asked for by its name.
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

// A Error is an asof.toml, or something that it names, that can't be
// used.
type Error struct {
	Path      string // of the asof.toml
	Line, Col int    // in it, from 1; Col counts characters; 0 where no place is to blame
	Source    string // the line, and under it a caret below the fault; may be empty
	Msg       string
	Next      string // the hint
	Err       error  // the cause, if there is one beside Msg; its text is in Msg
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

// Remedy returns what to do next.
func (e *Error) Remedy() fault.Remedy { return fault.Try(e.Next) }

// listed writes some of the names after a phrase.
func listed(phrase string, names []string) string {
	const most = 12
	more := ""
	if len(names) > most {
		names, more = names[:most], ", …"
	}
	return phrase + strings.Join(names, ", ") + more
}
