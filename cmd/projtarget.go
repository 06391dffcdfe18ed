package cmd

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"asof/inspect"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/fold"
)

// projectionTarget finds "NAME", "NAME/PARTITION" and either with "@POINT": the
// timeline of the events that a projection of asof.toml takes.
func (a *app) projectionTarget(r replay.Reader, name string, f foldFlags) (*target, error) {
	if len(f.folds) > 0 {
		return nil, usagef("leave out --fold", "proj:%s says how to fold", name)
	}
	proj, err := a.project()
	if err != nil {
		return nil, err
	}
	if proj == nil {
		return nil, usagef("write an asof.toml with a [[projection]]", "proj:%s: there is no asof.toml here or above", name)
	}
	p, way, err := a.findProjection(proj, name)
	if err != nil {
		return nil, err
	}
	how, err := a.openProjection(p, f)
	if err != nil {
		return nil, err
	}
	t := &target{proj: p.Name, at: way.At, hasAt: way.HasAt, how: how}
	tl := &replay.Timeline{Name: "proj:" + way.Stream, Reader: r, Many: true}
	selects(tl, p, how)
	_, partition, named := strings.Cut(way.Stream, "/")
	if err := a.partition(tl, p, &t.how, partition, named); err != nil {
		return nil, err
	}
	t.subject = inspect.Subject{Timeline: tl, Fold: t.how.fold, Folded: &inspect.Folded{}}
	t.subject.Snapshots = a.snapshots(t.subject, t.how)
	return t, nil
}

// findProjection reads "NAME[/PARTITION][@POINT]". What stands behind an @ and
// can be read as a point is one; a partition that ends so needs --at.
func (a *app) findProjection(proj *fold.Project, name string) (*fold.Projection, replay.Address, error) {
	ways := replay.SplitAddress(name)
	way := ways[0]
	for _, w := range ways[1:] {
		if _, err := replay.ParseRange(w.At, a.env()); err == nil {
			way = w
			break
		}
	}
	base, _, _ := strings.Cut(way.Stream, "/")
	if base, _, odd := strings.Cut(base, "@"); odd {
		if _, err := proj.Projection(base); err == nil { // so the point is what is wrong
			_, at, _ := strings.Cut(name, "@")
			_, err := replay.ParseRange(at, a.env())
			return nil, way, err
		}
	}
	p, err := proj.Projection(base)
	return p, way, err
}

// selects narrows the timeline to what asof.toml and the script select.
func selects(tl *replay.Timeline, p *fold.Projection, how folding) {
	sel := replay.Selection{All: true}
	if s, ok := how.fold.Reducer.(replay.Selector); ok {
		sel = s.Selection()
	}
	query, exact := sel.Query()
	takes := sel.Takes
	if p.HasSelector() { // which counts in place of the script's
		query.Streams, query.Categories = nil, p.Categories
		takes, exact = sel.TakesType, !sel.Server || sel.Types != nil && !sel.Deletions
	}
	tl.Query = query
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
func (a *app) partition(tl *replay.Timeline, p *fold.Projection, how *folding, name string, named bool) error {
	s, ok := how.fold.Reducer.(replay.Selector)
	if !ok || !s.Selection().Partitions {
		if named {
			return usagef("leave out /"+name, "projection %q has no partitions", p.Name)
		}
		return nil
	}
	script, shares := how.fold.Reducer.(*fold.Script)
	shares = shares && script.SharesState()
	switch {
	case !named && shares:
		how.fold.Reducer = script.AllPartitions()
		return nil
	case !named:
		how.fold.Partitioned = true
		return nil
	}
	partOf, err := a.partitionOf(p)
	if err != nil {
		return err
	}
	if name, err = a.findPartition(tl, p, partOf, name); err != nil {
		return err
	}
	tl.Name = "proj:" + p.Name + "/" + name
	if shares { // so the others' events are its own, too
		how.fold.Reducer = script.OnePartition(name)
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

// partitionOf returns what names the partition of an event, which is upcast for it
// as for the fold, and says whether it is in one. Membership is asked while the fold is busy with an earlier event, so
// it has a reducer of its own.
func (a *app) partitionOf(p *fold.Projection) (func(*replay.Event) (string, bool, error), error) {
	twin, err := a.openProjection(p, foldFlags{})
	if err != nil {
		return nil, err
	}
	of, up := twin.fold.Reducer.(replay.Partitioner).Partition, twin.fold.Upcaster
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

// findPartition returns the partition of that name, or else the one that begins
// so. One that is there is found by its first event; else all events are read, to
// say what there is.
func (a *app) findPartition(
	tl *replay.Timeline, p *fold.Projection, partOf func(*replay.Event) (string, bool, error), name string,
) (string, error) {
	const (
		listed  = 5
		most    = 100_000 // partitions that are looked at for a suggestion
		longest = 256     // bytes of a name that is worth suggesting
	)
	seen := map[string]bool{}
	var begin []string
	for e, err := range tl.List(a.ctx, replay.Listing{}) {
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

// noPartition words that there is no such partition, and suggests the nearest, or
// else some.
func noPartition(p *fold.Projection, name string, seen map[string]bool) error {
	const listed = 12
	parts := slices.Sorted(maps.Keys(seen))
	e := &replay.NotFoundError{Kind: "partition", Name: name, In: "proj:" + p.Name, Near: fault.Near(name, parts, 3)}
	switch {
	case len(parts) == 0:
		e.Next = "it has no partitions: no event is in one"
	case len(parts) > listed:
		e.Next = "among its partitions are " + strings.Join(parts[:listed], ", ")
	default:
		e.Next = "its partitions are " + strings.Join(parts, ", ")
	}
	return e
}
