package ask

import (
	"cmp"
	"context"
	"strings"

	"asof/inspect/query"
	"asof/replay"
	"asof/replay/fold/js"
	"asof/replay/project"
	"asof/replay/state"
	"asof/replay/workspace"
)

// withTables opens a store as a database.
func withTables(ctx context.Context, s *workspace.Store, how workspace.Folding, at string, ask func(*query.DB) error) error {
	return withShard(ctx, s, how, at, replay.Shard{}, ask)
}

// withShard is withTables for a part of the streams.
func withShard(ctx context.Context, s *workspace.Store, how workspace.Folding, at string, shard replay.Shard, ask func(*query.DB) error) error {
	t := tablesOf(ctx, s, how, at)
	t.to.Reader = replay.Sharded(s.Reader, shard)
	defer t.close()
	if err := t.all(); err != nil {
		return err
	}
	return t.open(ask)
}

// withFolds opens a store as a database with a projection for each of several folds, which
// fold each stream by itself.
func withFolds(ctx context.Context, s *workspace.Store, at string, folds []workspace.Folding, ask func(*query.DB, []*query.Projection) error) error {
	t := tablesOf(ctx, s, folds[0], at)
	defer t.close()
	for _, how := range folds {
		if err := t.state(how.Fold, how); err != nil {
			return err
		}
	}
	var of []*query.Projection
	for i := range t.to.Projections {
		of = append(of, &t.to.Projections[i])
	}
	return t.open(func(db *query.DB) error { return ask(db, of) })
}

func tablesOf(ctx context.Context, s *workspace.Store, how workspace.Folding, at string) *tables {
	w := s.Workspace()
	return &tables{ctx: ctx, s: s, how: how, to: &query.Source{
		Reader: s.Reader, Store: s.Timeline(), Env: w.Env(), At: at, Strict: how.Strict,
		Note: func(n replay.Notice) { w.Note(n.Code, n.Text) },
	}}
}

func (t *tables) open(ask func(*query.DB) error) error {
	db, err := query.Open(t.ctx, *t.to)
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // it has nothing to lose
	if err := ask(db); err != nil {
		return err
	}
	db.NoteMissing()
	t.noteWarnings(db)
	return nil
}

// tables are those of projections, and what they hold open.
type tables struct {
	ctx     context.Context
	s       *workspace.Store
	how     workspace.Folding
	to      *query.Source
	folds   []*workspace.Folds // of each projection; nil: it has a target
	targets []*workspace.Target
	last    *workspace.Target // of a single stream or partition: one is open at a time
	results []*workspace.Fold
}

// all gives each projection of asof.toml its tables. Without one, or with a fold of the
// question's own, the tables are of state.
func (t *tables) all() error {
	proj, err := t.s.Workspace().Project()
	if err != nil {
		return err
	}
	if t.how.Fold == "" && proj != nil {
		for _, p := range proj.Projections {
			if t.how.Projection == "" || t.how.Projection == p.Name {
				if err := t.add(p); err != nil {
					return err
				}
			}
		}
	}
	switch {
	case len(t.to.Projections) > 0:
		return nil
	case t.how.Projection != "":
		_, err := t.s.Workspace().Projection(t.how.Projection)
		return err
	}
	return t.state("state", t.how)
}

// state adds the states of a fold that is not of asof.toml, over the streams that it
// selects.
func (t *tables) state(name string, how workspace.Folding) error {
	p, alone := query.Projection{Name: name, About: aboutState(how)}, true
	if how.Fold != "" {
		f, err := t.s.Workspace().FoldFor(t.ctx, "", "", how)
		if err != nil {
			return err
		}
		if s, ok := f.Reducer.(replay.Selector); ok {
			sel := s.Selection()
			p.Takes, p.Categories = sel.TakesStream, sel.Categories
		}
		_, alone = f.Identity()
		f.Close()
	}
	t.streams(how, p, alone)
	return nil
}

// add adds a projection: over its streams, each by itself, or over all its events.
func (t *tables) add(p *project.Projection) error {
	out := query.Projection{Name: p.Name, About: "folded by " + p.Fold}
	f, err := t.s.Workspace().OpenProjection(p, t.how)
	if err != nil {
		return err
	}
	defer f.Close()
	script, _ := f.Reducer.(*js.Script)
	var sel replay.Selection
	if s, ok := f.Reducer.(replay.Selector); ok {
		sel = s.Selection()
	}
	if script != nil && script.Shapes() && !script.SharesState() {
		out.Result = t.result(p)
	}
	switch byStream := script != nil && script.ByStream(); {
	case sel.Partitions && !byStream || !p.HasSelector() && !byStream:
		how := t.how
		how.Projection = ""
		out.Many = func(ctx context.Context, at string) (replay.Subject, replay.Moment, error) {
			target, err := t.s.Target(ctx, "proj:"+p.Name, how)
			return t.opened(ctx, target, at, err)
		}
		out.Of = func(ctx context.Context, _, at string) (replay.Subject, replay.Moment, error) {
			target, err := t.s.Target(ctx, "proj:"+p.Name, how)
			return t.single(ctx, target, at, err)
		}
		if sel.Partitions {
			out.Of, out.Partitioned = func(ctx context.Context, part, at string) (replay.Subject, replay.Moment, error) {
				// With a point, an @ in the partition's name does not begin one.
				target, err := t.s.Target(ctx, "proj:"+p.Name+"/"+part+"@"+cmp.Or(at, "head"), how)
				return t.single(ctx, target, "", err)
			}, true
		}
		t.folds, t.to.Projections = append(t.folds, nil), append(t.to.Projections, out)
		return nil
	case p.HasSelector():
		out.Takes, out.Categories = p.Matches, p.Categories
	default:
		out.Takes, out.Categories = sel.TakesStream, sel.Categories
	}
	how := t.how
	how.Projection = p.Name
	_, alone := f.Identity()
	t.streams(how, out, alone)
	return nil
}

// result returns the function that derives a projection's result from a state. It opens
// the projection on first use.
func (t *tables) result(p *project.Projection) func(state.Value) (state.Value, error) {
	var open *workspace.Fold
	return func(v state.Value) (state.Value, error) {
		if open == nil {
			f, err := t.s.Workspace().OpenProjection(p, t.how)
			if err != nil {
				return v, err
			}
			f.Partitioned = false // v is the state of one partition
			open, t.results = f, append(t.results, f)
		}
		return open.Result(v)
	}
}

// streams adds a projection that folds each stream by itself. alone: the state of a stream
// depends on its events alone.
func (t *tables) streams(how workspace.Folding, p query.Projection, alone bool) {
	f := t.s.Workspace().Folds(how)
	if p.Fold = f.For(t.ctx); alone {
		p.Another = func() replay.FoldFor { return f.Another().For(t.ctx) }
	}
	p.Of = func(ctx context.Context, stream, at string) (replay.Subject, replay.Moment, error) {
		target, err := t.s.StreamTarget(ctx, replay.StreamID(stream), how)
		return t.single(ctx, target, at, err)
	}
	p.Kept = func(ctx context.Context, stream replay.StreamID) (replay.Subject, error) {
		target, err := f.Target(ctx, t.s, stream)
		if err != nil {
			return replay.Subject{}, err
		}
		return target.Subject, nil
	}
	p.Members = &keptMembers{t: t, name: p.Name, folds: f}
	t.folds, t.to.Projections = append(t.folds, f), append(t.to.Projections, p)
}

// opened is the timeline of a target, which is closed with the tables, and the moment of it
// that a text names.
func (t *tables) opened(ctx context.Context, target *workspace.Target, at string, err error) (replay.Subject, replay.Moment, error) {
	if err != nil {
		return replay.Subject{}, replay.Moment{}, err
	}
	t.targets = append(t.targets, target)
	m, err := target.Moment(ctx, at)
	return target.Subject, m, err
}

// single is opened, and closes the one before it.
func (t *tables) single(ctx context.Context, target *workspace.Target, at string, err error) (replay.Subject, replay.Moment, error) {
	if err != nil {
		return replay.Subject{}, replay.Moment{}, err
	}
	t.closeSingle()
	t.last = target
	m, err := target.Moment(ctx, at)
	return target.Subject, m, err
}

func (t *tables) closeSingle() {
	if t.last != nil {
		t.last.NoteWarnings()
		t.last.Close()
		t.last = nil
	}
}

func (t *tables) close() {
	for _, f := range t.folds {
		if f != nil {
			f.Close()
		}
	}
	for _, one := range t.targets {
		one.Close()
	}
	if t.last != nil {
		t.last.Close()
	}
	for _, f := range t.results {
		f.Close()
	}
}

// noteWarnings notes the warnings of the folds whose states are in the answer. The others
// folded a sample, for the names of columns.
func (t *tables) noteWarnings(db *query.DB) {
	for i := range t.to.Projections {
		if f := t.folds[i]; f != nil && db.Folded(&t.to.Projections[i]) {
			f.NoteWarnings()
		}
	}
	for _, one := range t.targets {
		one.NoteWarnings()
	}
	t.closeSingle()
}

func aboutState(how workspace.Folding) string {
	switch {
	case how.Fold != "" && !strings.ContainsAny(how.Fold, "\n"):
		return "folded by " + how.Fold
	case how.Projection != "":
		return "folded by " + how.Projection
	}
	return "folded by merge"
}
