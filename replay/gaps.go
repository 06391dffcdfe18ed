package replay

import (
	"context"
	"fmt"
	"maps"
)

// Incomplete counts the streams whose versions show that events are missing.
type Incomplete struct {
	Streams int64
	One     StreamID // the first of them
}

// Notices says that streams are incomplete, in the same words for every question.
func (i Incomplete) Notices() []Notice {
	if i.Streams == 0 {
		return nil
	}
	return []Notice{{Code: NoticeGone, Text: fmt.Sprintf(
		"%s incomplete, such as %s: events are missing before the first one or in between",
		Counted(i.Streams, "stream is", "streams are"), i.One)}}
}

// And adds the streams of another part of the store.
func (i Incomplete) And(o Incomplete) Incomplete {
	if i.Streams == 0 || o.Streams > 0 && o.One < i.One {
		i.One = o.One
	}
	i.Streams += o.Streams
	return i
}

// Gaps finds incomplete streams: those whose first version is above 1, or that lack a
// version after it. The zero value is ready to use. A nil one finds nothing, for a store
// whose versions are not counted per stream.
type Gaps struct {
	found map[StreamID]struct{}
}

// NewGaps returns nil if gaps between the versions of the store mean nothing.
func NewGaps(info Info) *Gaps {
	if info.Sparse {
		return nil
	}
	return &Gaps{}
}

// See takes the next version of a stream, and the one before it, which is 0 for the first.
func (g *Gaps) See(id StreamID, before, v Version) {
	if g == nil || v <= before+1 {
		return
	}
	if g.found == nil {
		g.found = map[StreamID]struct{}{}
	}
	g.found[id] = struct{}{}
}

// and adds the streams that were found elsewhere.
func (g *Gaps) and(o *Gaps) {
	if g == nil || o == nil || len(o.found) == 0 {
		return
	}
	if g.found == nil {
		g.found = map[StreamID]struct{}{}
	}
	maps.Copy(g.found, o.found)
}

// SeeStream takes all versions of a stream at once.
func (g *Gaps) SeeStream(s *Stream) {
	if s.HasGaps() {
		g.See(s.ID, 0, 2)
	}
}

// HasGaps reports whether events are missing, if versions are counted per stream.
func (s *Stream) HasGaps() bool { return s.First > 1 || s.Events < int64(s.Last-s.First)+1 }

// mark returns a function that forgets the streams found since.
func (g *Gaps) mark() (forget func()) {
	if g == nil {
		return func() {}
	}
	before := maps.Clone(g.found)
	return func() { g.found = before }
}

// Incomplete counts the streams that were found.
func (g *Gaps) Incomplete() Incomplete {
	var out Incomplete
	if g == nil {
		return out
	}
	for id := range g.found {
		if out.Streams++; out.One == "" || id < out.One {
			out.One = id
		}
	}
	return out
}

// FindGaps finds the incomplete streams that the timeline takes events from, up to the
// head: an event that is missing may be one that it would take.
func (t *Timeline) FindGaps(ctx context.Context, g *Gaps) error {
	if g == nil {
		return nil
	}
	for s, err := range t.Reader.Streams(ctx, StreamQuery{IDs: t.Filter.Streams, Categories: t.Filter.Categories}) {
		if err != nil {
			return err
		}
		g.SeeStream(&s)
	}
	return nil
}
