package table

import (
	"asof/replay/store/source"
)

// Saved is where an application keeps snapshots of its streams. Their table has the
// column of the stream's id, and that of the category if Category is set, as the table of
// events has them.
type Saved struct {
	From, Where string // as those of the layout

	Version, Data string // SQL
	Type          string // SQL; empty: none of the library
	Category      bool

	At string // the state within the payload, as a JSON pointer
}

// SavedLayout is the layout of the snapshots as events; nil if the layout has none.
func (l *Layout) SavedLayout() (saved *Layout, at string) {
	s := l.Saved
	if s == nil || l.Prepare != nil || l.Item != "" {
		return nil, ""
	}
	out := *l
	out.From, out.Where = s.From, s.Where
	out.Cols = [source.NumFields]string{
		source.Stream: l.Cols[source.Stream], source.Version: s.Version, source.Data: s.Data, source.Type: s.Type,
	}
	if s.Type == "" {
		out.Cols[source.Type] = "'Snapshot'"
	}
	if s.Category {
		out.Cols[source.Category] = l.Cols[source.Category]
	}
	out.CategoryQuery, out.Rows, out.Live, out.LeftOut, out.Snapshots, out.Saved = "", nil, nil, nil, "", nil
	return &out, s.At
}
