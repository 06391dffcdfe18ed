package workspace

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/fold/js"
	"asof/replay/project"
)

// projection resolves "NAME" and "NAME/PARTITION", each with an optional "@POINT", to
// the timeline of the events that a projection of asof.toml takes.
func (s *Store) projection(ctx context.Context, name string, how Folding) (*Target, error) {
	if how.Fold != "" {
		return nil, Usage(fault.Remedy{}.Without("fold"), "proj:%s has its own fold", name)
	}
	proj, err := s.w.Project()
	if err != nil {
		return nil, err
	}
	if proj == nil {
		return nil, Usagef("write an asof.toml with a [[projection]]", "proj:%s: there is no asof.toml here or above", name)
	}
	p, way, err := s.w.findProjection(proj, name)
	if err != nil {
		return nil, err
	}
	f, err := s.w.OpenProjection(p, how)
	if err != nil {
		return nil, err
	}
	t := &Target{Projection: p.Name, How: f, At: way.At, HasAt: way.HasAt, w: s.w}
	t.Timeline = &replay.Timeline{Name: "proj:" + way.Stream, Reader: s.Reader, Many: true}
	selects(t.Timeline, p, f)
	_, part, named := strings.Cut(way.Stream, "/")
	if err := s.w.partition(ctx, t.Timeline, p, f, part, named); err != nil {
		t.Close()
		return nil, err
	}
	t.foldBy(f)
	return t, nil
}

// findProjection parses "NAME[/PARTITION][@POINT]". Text after an @ that parses as a
// point is a point; a partition whose name ends that way needs a separate point.
func (w *Workspace) findProjection(proj *project.Project, name string) (*project.Projection, replay.Address, error) {
	ways := replay.SplitAddress(name)
	way := ways[0]
	for _, other := range ways[1:] {
		if _, err := replay.ParseRange(other.At, w.Env()); err == nil {
			way = other
			break
		}
	}
	base, _, _ := strings.Cut(way.Stream, "/")
	if base, _, odd := strings.Cut(base, "@"); odd {
		if _, err := proj.Projection(base); err == nil { // the point is at fault
			_, at, _ := strings.Cut(name, "@")
			_, err := replay.ParseRange(at, w.Env())
			return nil, way, err
		}
	}
	p, err := proj.Projection(base)
	return p, way, err
}

// selects narrows the timeline to the events that asof.toml and the script select.
func selects(tl *replay.Timeline, p *project.Projection, f *Fold) {
	sel := replay.Selection{All: true}
	if s, ok := f.Reducer.(replay.Selector); ok {
		sel = s.Selection()
	}
	filter, exact := sel.Filter()
	takes := sel.Takes
	if p.HasSelector() { // it replaces the script's sources
		filter.Streams, filter.Categories = nil, p.Categories
		takes, exact = sel.TakesType, !sel.Server || sel.Types != nil && !sel.Deletions
	}
	tl.Filter = filter
	if sel.FollowsLinks() {
		tl.Reader, exact = replay.FollowLinks(tl.Reader), false
	}
	if exact && len(p.Streams) == 0 {
		return
	}
	tl.Member = func(e *replay.Event) (bool, error) {
		return takes(e) && (len(p.Streams) == 0 || p.Matches(e.Stream, e.Category)), nil
	}
	tl.MemberSkips = (replay.FieldData | replay.FieldMeta) &^ sel.Reads()
	tl.MemberID = fmt.Sprintf("streams %q selection %+v", p.Streams, sel)
}

// partition narrows the timeline to one partition, or keeps a state for each.
func (w *Workspace) partition(ctx context.Context, tl *replay.Timeline, p *project.Projection, f *Fold, name string, named bool) error {
	s, ok := f.Reducer.(replay.Selector)
	if !ok || !s.Selection().Partitions {
		if named {
			return Usagef("leave out /"+name, "projection %q has no partitions", p.Name)
		}
		return nil
	}
	script, shares := f.Reducer.(*js.Script)
	shares = shares && script.SharesState()
	switch {
	case !named && shares:
		f.Reducer = script.AllPartitions()
		return nil
	case !named:
		f.Partitioned = true
		return nil
	}
	partOf, err := w.PartitionOf(p)
	if err != nil {
		return err
	}
	if name, err = findPartition(ctx, tl, p, partOf, name); err != nil {
		return err
	}
	tl.Name = "proj:" + p.Name + "/" + name
	if shares { // events of other partitions change this one too
		f.Reducer = script.OnePartition(name)
		return nil
	}
	within := tl.Member
	tl.MemberSkips = 0
	tl.Member = func(e *replay.Event) (bool, error) {
		if within != nil {
			if in, err := within(e); !in || err != nil {
				return false, err
			}
		}
		part, ok, err := partOf(e)
		return ok && part == name, err
	}
	tl.MemberID += fmt.Sprintf(" partition %q", name)
	return nil
}

// PartitionOf returns a function that upcasts an event and returns its partition, if
// it has one. The function runs while the fold is busy with an earlier event, and
// therefore has its own reducer.
func (w *Workspace) PartitionOf(p *project.Projection) (func(*replay.Event) (string, bool, error), error) {
	twin, err := w.OpenProjection(p, Folding{})
	if err != nil {
		return nil, err
	}
	of, up := twin.Reducer.(replay.Partitioner).Partition, twin.Upcaster
	if up == nil {
		return of, nil
	}
	return func(e *replay.Event) (string, bool, error) {
		e = e.Clone() // the fold upcasts the event itself
		if err := up.Upcast(e); err != nil {
			return "", false, err
		}
		return of(e)
	}, nil
}

// findPartition returns the partition with this name, or else the only one whose name
// begins with it. It stops at the first event of a partition with this name;
// otherwise it reads all events, to suggest others.
func findPartition(
	ctx context.Context, tl *replay.Timeline, p *project.Projection, partOf func(*replay.Event) (string, bool, error), name string,
) (string, error) {
	const (
		listed  = 5
		most    = 100_000 // partitions considered for a suggestion
		longest = 256     // bytes of the longest name to suggest
	)
	seen := map[string]bool{}
	var begin []string
	for e, err := range tl.List(ctx, replay.Listing{}) {
		if err != nil {
			return "", err
		}
		part, ok, err := partOf(e)
		switch {
		case err != nil:
			return "", err
		case !ok || seen[part]:
			continue
		case part == name:
			return name, nil
		}
		part = strings.Clone(part)
		if len(seen) < most && len(part) <= longest {
			seen[part] = true
		}
		if name != "" && len(begin) <= listed && strings.HasPrefix(part, name) && !slices.Contains(begin, part) {
			begin = append(begin, part)
		}
	}
	switch len(begin) {
	case 0:
		return "", noPartition(p, name, seen)
	case 1:
		return begin[0], nil
	}
	slices.Sort(begin)
	return "", &replay.AmbiguousError{
		Kind: "partition", Name: name, Matches: begin[:min(listed, len(begin))], More: len(begin) > listed,
	}
}

// noPartition returns the error for a missing partition. It suggests the nearest ones,
// or else some.
func noPartition(p *project.Projection, name string, seen map[string]bool) error {
	const listed = 12
	parts := slices.Sorted(maps.Keys(seen))
	e := &replay.NotFoundError{Kind: "partition", Name: name, In: "proj:" + p.Name, Near: fault.Near(name, parts, 3)}
	switch {
	case len(parts) == 0:
		e.Next = fault.Try("it has no partitions: no event is in one")
	case len(parts) > listed:
		e.Next = fault.Try("among its partitions are " + strings.Join(parts[:listed], ", "))
	default:
		e.Next = fault.Try("its partitions are " + strings.Join(parts, ", "))
	}
	return e
}
