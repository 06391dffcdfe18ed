package replay

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"asof/replay/state"
)

// A Selector is a Reducer that selects its own events.
type Selector interface{ Selection() Selection }

// Selection selects the events of a projection: those of any of its sources.
type Selection struct {
	All          bool // every stream, see Server; else the sources below
	Streams      []StreamID
	Categories   []string
	OfTypes      []string // the events of these types, in any stream
	Correlations []string // the events with these correlation ids, in any stream

	Types      []string // only these types from the sources; nil is any
	Deletions  bool     // also the events that delete a stream
	Partitions bool     // the projection keeps one state for each partition, see [Partitioner]
	Links      bool     // links are followed even if every stream is read

	// Server selects as KurrentDB does: "every stream" excludes system streams, links
	// are followed, and types that begin with a dollar sign are system types.
	Server bool
}

// The types of KurrentDB's own events.
const (
	LinkType          = "$>"
	streamDeletedType = "$streamDeleted"
	metadataType      = "$metadata"
	systemPrefix      = "$"
	metaPrefix        = "$$" // prefix of the stream that holds another stream's metadata
)

// Filter returns a filter that takes every event of the selection. It is exact if it
// takes no other events; otherwise [Selection.Takes] decides.
func (s Selection) Filter() (f Filter, exact bool) {
	if s.Types != nil {
		f.Types = slices.Clone(s.Types)
		if s.Deletions {
			f.Types = append(f.Types, streamDeletedType, metadataType)
		}
	}
	switch {
	case s.All || len(s.Correlations) > 0 || s.Deletions:
	case len(s.OfTypes) > 0:
		if len(s.Streams)+len(s.Categories) == 0 {
			f.Types = intersect(f.Types, s.OfTypes)
		}
	case len(s.Categories) == 0:
		f.Streams = s.Streams
	case len(s.Streams) == 0:
		f.Categories = s.Categories
	}
	if s.All && !s.Server {
		return f, true
	}
	return f, (f.Streams != nil || f.Categories != nil) && s.Types != nil
}

// Reads returns the parts of an event that [Selection.Takes] may look at.
func (s Selection) Reads() Fields {
	var f Fields
	if s.Deletions {
		f |= FieldData
	}
	if len(s.Correlations) > 0 {
		f |= FieldMeta
	}
	return f
}

// Takes reports whether an event is in the selection.
func (s Selection) Takes(e *Event) bool { return s.TakesType(e) && s.fromSource(e) }

// TakesType reports whether the selection takes an event of its sources by type.
func (s Selection) TakesType(e *Event) bool {
	if s.Deletions {
		if _, _, ok := e.Deletes(); ok {
			return true
		}
	}
	if s.Types != nil {
		return slices.Contains(s.Types, e.Type)
	}
	return !s.Server || !strings.HasPrefix(e.Type, systemPrefix)
}

// fromSource reports whether an event comes from one of the sources. The target of
// a link comes from the link's stream.
func (s Selection) fromSource(e *Event) bool {
	stream, category := e.Stream, e.Category
	if e.Link != nil {
		stream, category = e.Link.Stream, e.Link.Category
	}
	if s.Deletions {
		if of, _, ok := e.Deletes(); ok && of != e.Stream {
			stream, category = of, CategoryOf(of)
		}
	}
	if s.All {
		return !s.Server || !strings.HasPrefix(string(stream), systemPrefix) && (e.Link == nil || s.Links)
	}
	if s.names(stream, category) {
		return true
	}
	if e.Link != nil || strings.HasPrefix(string(stream), systemPrefix) {
		return false
	}
	return slices.Contains(s.OfTypes, e.Type) || e.Meta.Correlation != "" && slices.Contains(s.Correlations, e.Meta.Correlation)
}

func (s Selection) names(stream StreamID, category string) bool {
	if slices.Contains(s.Streams, stream) {
		return true
	}
	if category == "" {
		category = CategoryOf(stream)
	}
	return slices.Contains(s.Categories, category)
}

// TakesStream reports whether a stream may hold events of the selection.
func (s Selection) TakesStream(stream StreamID, category string) bool {
	if s.names(stream, category) {
		return true
	}
	anywhere := s.All || len(s.OfTypes)+len(s.Correlations) > 0
	return anywhere && (!s.Server || !strings.HasPrefix(string(stream), systemPrefix))
}

// FollowsLinks reports whether links among the events are followed.
func (s Selection) FollowsLinks() bool {
	return s.Server && (s.Links || len(s.Streams)+len(s.Categories) > 0)
}

// CategoryOf returns the category of a stream if the store names none: its id up to
// the first dash, as in KurrentDB.
func CategoryOf(stream StreamID) string {
	category, _, ok := strings.Cut(string(stream), "-")
	if !ok {
		return ""
	}
	return category
}

// Deletes reports whether the event deletes a stream in KurrentDB: for good, or
// softly, by an entry in the stream's metadata.
func (e *Event) Deletes() (stream StreamID, soft, ok bool) {
	switch e.Type {
	case streamDeletedType:
		return e.Stream, false, true
	case metadataType:
		of, isMeta := strings.CutPrefix(string(e.Stream), metaPrefix)
		if !isMeta {
			return "", false, false
		}
		v, err := e.Body()
		if err != nil || v.Kind() != state.Object {
			return "", false, false
		}
		before := v.Node().Get("$tb")
		forever := strconv.FormatInt(math.MaxInt64, 10)
		return StreamID(of), true, before.Kind() == state.Number && before.Text() == forever
	}
	return "", false, false
}
