package ask

import (
	"context"
	"fmt"
	"strings"

	"asof/inspect/whatif"
	"asof/replay"
	"asof/replay/workspace"
)

// mostDropped is the maximum number of events one edit drops, because each is read
// separately.
const mostDropped = 1000

// on expands the edit into edits of single events of a timeline.
func (e Edit) on(ctx context.Context, t *workspace.Target) ([]whatif.Edit, error) {
	one, err := e.of(ctx, t.Workspace())
	if err != nil || e.Events == "" {
		return []whatif.Edit{one}, err
	}
	versions, err := e.versions(ctx, t)
	if err != nil {
		return nil, err
	}
	all := make([]whatif.Edit, len(versions))
	for i, v := range versions {
		all[i] = one
		all[i].At = v
		all[i].Text = strings.TrimSuffix(one.Text, e.Events) + fmt.Sprint(v)
	}
	return all, nil
}

// versions returns the events of a point or a range, and notes them.
func (e Edit) versions(ctx context.Context, t *workspace.Target) ([]replay.Version, error) {
	w := t.Workspace()
	rng, err := replay.ParseRange(e.Events, w.Env())
	if err != nil {
		return nil, err
	}
	i, err := t.Resolve(ctx, rng)
	if err != nil {
		return nil, err
	}
	span, ok := i.Span()
	switch {
	case rng.Single && !i.To.IsStart():
		w.Note(NoticeRead, fmt.Sprintf("%s is %s", e.Events, i.To.Label()))
		return []replay.Version{i.To.Version()}, nil
	case rng.Single || !ok:
		return nil, workspace.Usagef("a range A..B is the events after A, up to B", "no event is at %s", e.Events)
	}
	var all []replay.Version
	everything := replay.FieldData | replay.FieldMeta | replay.FieldID | replay.FieldTime
	for event, err := range t.Timeline.List(ctx, replay.Listing{Span: span, Limit: mostDropped + 1, Skip: everything}) {
		if err != nil {
			return nil, err
		}
		all = append(all, t.Timeline.Version(event))
	}
	switch {
	case len(all) == 0:
		return nil, workspace.Usagef("a range A..B is the events after A, up to B", "no event is at %s", e.Events)
	case len(all) > mostDropped:
		return nil, workspace.Usagef("name a shorter range", "%s has more than %d events", e.Events, mostDropped)
	}
	w.Note(NoticeRead, fmt.Sprintf("%s is %s, from %d to %d: the events after the first point, up to the second",
		e.Events, replay.Counted(len(all), "event", "events"), all[0], all[len(all)-1]))
	return all, nil
}
