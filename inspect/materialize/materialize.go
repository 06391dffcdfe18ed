package materialize

import (
	"context"
	"slices"
	"time"

	"asof/inspect/query"
	"asof/replay"
	"asof/replay/state"
)

// A Job brings a target up to date.
type Job struct {
	// Export returns the export of the projection, with the columns of some members
	// first; nil: in the order of a new table. See [query.DB.Export].
	Export func(known []string) *query.Export

	Target  Target
	Want    Checkpoint // what identifies the rows: all fields before Position
	Rebuild bool       // build all rows again
	Folded  func()     // is called for each state; nil: nobody waits
}

// How a target was brought up to date.
const (
	Built   = "built"   // it is new
	Rebuilt = "rebuilt" // all rows were built again
	Updated = "updated" // the rows of some streams were
	Current = "current" // nothing was to do
)

// A Result is what a job has done.
type Result struct {
	How     string
	Why     string // why the table was rebuilt
	Written int64  // rows
	Failed  int64  // of these, rows of streams whose fold failed
	Trailed bool   // there are rows of history and changes
	Checkpoint

	change Change // nil: there is none
}

// Commit swaps the table in.
func (r *Result) Commit() error {
	if r.change == nil {
		return nil
	}
	return r.change.Commit()
}

// Discard undoes what was written, unless Commit was called.
func (r *Result) Discard() {
	if r != nil && r.change != nil {
		r.change.Discard()
	}
}

// Run writes the table aside. The caller commits or discards the result.
func (j *Job) Run(ctx context.Context) (*Result, error) {
	j.Want.Format = format
	old, err := j.Target.Checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	b := &build{job: j, old: old}
	defer b.close()
	r, err := b.run(ctx)
	if r != nil {
		_, r.Trailed = j.Target.(Trailer)
	}
	return r, err
}

// A build is a run of a job.
type build struct {
	job    *Job
	old    *Checkpoint
	export *query.Export
	rows   *spill
	kinds  kinds
	heads  map[replay.StreamID]string // of the streams that are folded
	had    map[replay.StreamID]bool   // those of them that have a row
	failed int64
	sights map[string]query.Sight // of members of the rows that are kept
}

func (b *build) close() {
	if b.rows != nil {
		b.rows.close()
	}
}

// run continues from the rows that the target has, or builds all.
func (b *build) run(ctx context.Context) (*Result, error) {
	why := ""
	if b.old != nil {
		_, past := b.job.Target.(Trailer)
		why = b.job.Want.differs(b.old, past)
		if b.job.Rebuild {
			why = "as requested"
		}
		if why == "" {
			r, reason, err := b.goOn(ctx)
			if r != nil || err != nil {
				return r, err
			}
			why = reason
		}
	}
	r, err := b.all(ctx)
	if err != nil {
		return nil, err
	}
	if r.How = Built; b.old != nil {
		r.How, r.Why = Rebuilt, why
	}
	return r, nil
}

// all folds all streams.
func (b *build) all(ctx context.Context) (*Result, error) {
	b.export, b.sights = b.job.Export(b.first()), nil
	if err := b.survey(); err != nil {
		return nil, err
	}
	if err := b.fold(nil); err != nil {
		return nil, err
	}
	c, chosen, _, err := b.checkpoint()
	if err != nil {
		return nil, err
	}
	return b.write(ctx, c, chosen, Plan{Columns: c.Columns})
}

// goOn folds the streams that have new events. Without a result, it returns why all
// streams must be folded.
func (b *build) goOn(ctx context.Context) (r *Result, why string, err error) {
	b.export, b.sights = b.job.Export(slices.Concat(b.old.Members, []string{})), map[string]query.Sight{}
	for i, m := range b.old.Members {
		if i < len(b.old.Sights) {
			b.sights[m] = b.old.Sights[i]
		}
	}
	changed, why, err := b.changed(ctx)
	if why != "" || err != nil {
		return nil, why, err
	}
	now, err := b.export.Moment()
	if err != nil {
		return nil, "", err
	}
	same := *b.old
	same.at(now)
	if b.old.AsOf != "" {
		r, why = b.samePast(&same)
		return r, why, nil
	}
	if len(changed) == 0 {
		if position(b.old) == position(&same) {
			return &Result{How: Current, Checkpoint: *b.old}, "", nil
		}
		r, err = b.write(ctx, &same, nil, Plan{Columns: same.Columns, Onto: b.old})
		return named(r, Current), "", err
	}
	if err := b.fold(changed); err != nil {
		return nil, "", err
	}
	c, chosen, stable, err := b.checkpoint()
	if err != nil {
		return nil, "", err
	}
	if why := b.unlike(c.Columns, stable); why != "" {
		return nil, why, nil
	}
	r, err = b.write(ctx, c, chosen, Plan{Columns: c.Columns, Onto: b.old})
	return named(r, Updated), "", err
}

func named(r *Result, how string) *Result {
	if r != nil {
		r.How = how
	}
	return r
}

func position(c *Checkpoint) int64 {
	if c.Position == nil {
		return -1
	}
	return *c.Position
}

// changed finds the streams that have new events, or why all must be folded.
func (b *build) changed(ctx context.Context) (ids []replay.StreamID, why string, err error) {
	if b.export.Whole() {
		now, err := digest(b.export.Heads())
		if err == nil && now != b.old.Streams {
			why = "a state may depend on each new event"
		}
		return nil, why, err
	}
	g, err := compare(b.export.Heads(), b.job.Target.Heads(ctx))
	if g.lost {
		why = "the store has lost events"
	}
	b.heads, b.had = g.heads, g.had
	return g.ids, why, err
}

// survey reads the heads of all streams.
func (b *build) survey() error {
	if b.export.Whole() {
		return nil
	}
	b.heads, b.had = map[replay.StreamID]string{}, nil
	for s, err := range b.export.Streams() {
		if err != nil {
			return err
		}
		b.heads[s.ID] = headOf(&s).Text
	}
	return nil
}

// fold folds streams, and keeps their states; nil is all streams.
func (b *build) fold(ids []replay.StreamID) (err error) {
	b.close()
	if b.rows, err = newSpill(); err != nil {
		return err
	}
	b.kinds, b.failed = kinds{members: map[string]Kind{}}, 0
	if t, ok := b.job.Target.(Trailer); ok {
		if b.export.Trail, err = t.Trail(); err != nil {
			return err
		}
	}
	for s, err := range b.export.Fold(ids) {
		if err != nil {
			return err
		}
		if s.Err != nil {
			b.failed++
		}
		if s.Err != nil || s.Unread {
			delete(b.heads, s.Event.Stream) // it is folded again next time
		}
		b.kinds.see(&s)
		if err := b.rows.put(&s); err != nil {
			return err
		}
		if b.job.Folded != nil {
			b.job.Folded()
		}
	}
	b.export.NoteRest()
	return nil
}

// checkpoint describes the table after the fold. chosen are the indexes of its columns
// among those of the export.
func (b *build) checkpoint() (c *Checkpoint, chosen []int, stable bool, err error) {
	cp := b.job.Want
	now, err := b.export.Moment()
	if err != nil {
		return nil, nil, false, err
	}
	cp.at(now)
	cols, stable := b.export.Columns()
	for _, col := range cols {
		if col.IsMember {
			cp.Members = append(cp.Members, col.Member)
			cp.Sights = append(cp.Sights, b.sight(col.Member))
		}
	}
	if chosen, err = choose(cols, cp.Chosen); err != nil {
		return nil, nil, false, err
	}
	for _, i := range chosen {
		cp.Columns = append(cp.Columns, Column{
			Name: cols[i].Name, Kind: b.kinds.of(cols[i]), IsMember: cols[i].IsMember, Member: cols[i].Member, Path: cols[i].Path, Whole: cols[i].JSON,
		})
	}
	if b.export.Whole() && !b.export.Unread() { // else all is folded again next time
		if cp.Streams, err = digest(b.export.Streams()); err != nil {
			return nil, nil, false, err
		}
	}
	return &cp, chosen, stable, nil
}

// at sets the moment of the rows.
func (c *Checkpoint) at(m replay.Moment) {
	c.Position, c.Time = nil, ""
	if m.Position != replay.NoPosition && !m.IsStart() {
		p := int64(m.Position)
		c.Position = &p
	}
	if !m.Time.IsZero() {
		c.Time = m.Time.UTC().Format(time.RFC3339Nano)
	}
}

// unlike returns why the old rows do not fit the columns, whose kinds it adds to those of
// the old ones; empty: they do.
func (b *build) unlike(cols []Column, stable bool) string {
	if !stable {
		return "the names of two members differ in case alone"
	}
	old := map[string]Column{}
	for _, c := range b.old.Columns {
		old[c.Name] = c
	}
	for i := range cols {
		before, ok := old[cols[i].Name]
		if !ok {
			continue
		}
		if before.Member != cols[i].Member || before.IsMember != cols[i].IsMember {
			return "another member has the name of a column"
		}
		cols[i].Kind = before.Kind.and(cols[i].Kind)
		if b.job.Target.Typed() && cols[i].Kind != before.Kind {
			return "the values of " + cols[i].Name + " are of another kind"
		}
	}
	return ""
}

// write writes the kept states aside. A nil chosen writes the checkpoint alone.
func (b *build) write(ctx context.Context, c *Checkpoint, chosen []int, p Plan) (r *Result, err error) {
	if _, ok := b.job.Target.(Trailer); ok && chosen != nil {
		p.History, p.Changes = b.export.TrailColumns()
	}
	change, err := b.job.Target.Begin(ctx, p)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			change.Discard()
		}
		if err != nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
	}()
	want := int64(0)
	if p.Onto != nil {
		want = p.Onto.Rows
	}
	r = &Result{change: change}
	if chosen != nil {
		added, err := b.put(ctx, change, chosen)
		if err != nil {
			return nil, err
		}
		want += added
		r.Written, r.Failed = b.rows.n, b.failed
	}
	c.Rows = want
	rows, err := change.Finish(c)
	if err != nil {
		return nil, err
	}
	if rows != want {
		return nil, &CountError{want, rows}
	}
	r.Checkpoint = *c
	return r, nil
}

// put writes the rows. It returns how many streams had none before.
func (b *build) put(ctx context.Context, to Change, chosen []int) (added int64, err error) {
	row := make([]state.Value, len(chosen))
	for s, err := range b.rows.all() {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return 0, err
		}
		all, err := b.export.Values(s)
		if err != nil {
			return 0, err
		}
		for i, at := range chosen {
			row[i] = all[at]
		}
		id := s.Event.Stream
		if !b.had[id] {
			added++
		}
		if err := to.Put(row, Head{id, b.heads[id]}); err != nil {
			return 0, err
		}
	}
	return added, nil
}
