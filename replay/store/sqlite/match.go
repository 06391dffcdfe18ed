package sqlite

import (
	"errors"
	"fmt"
	"strings"

	"zombiezen.com/go/sqlite"

	"asof/replay/store/source"
	"asof/replay/store/table"
)

// A Dialect is what we know of one library's tables. To add one, write a file
// with such a value and name it in dialects.
type Dialect struct {
	Name string

	// Match binds the dialect to the tables of a store. Where it does not fit, the
	// error says why, in words that go on from "it is not NAME: ".
	Match func(p *Probe) (*table.Layout, error)
}

// matchDialect finds the one dialect that fits.
func matchDialect(p *Probe, all []Dialect) (*table.Layout, error) {
	o := p.Opts
	if o.Table != "" || len(o.Map) > 0 {
		l, err := matchMapping(p)
		if err != nil {
			return nil, err
		}
		l.Dialect = mappedName
		return l, nil
	}
	unknown := &source.UnknownDialectError{}
	var found []*table.Layout
	for _, d := range all {
		if o.Dialect != "" && o.Dialect != d.Name {
			continue
		}
		l, err := d.Match(p)
		if sqlite.ErrCode(err) != sqlite.ResultOK && isEngineError(err) {
			return nil, err
		}
		if unclear := (*source.ContextError)(nil); errors.As(err, &unclear) {
			return nil, err
		}
		if err != nil {
			unknown.Tried = append(unknown.Tried, source.Tried{Dialect: d.Name, Why: err.Error()})
			continue
		}
		l.Dialect = d.Name
		found = append(found, l)
		unknown.Matches = append(unknown.Matches, d.Name)
	}
	if len(found) == 1 {
		return found[0], nil
	}
	if len(found) == 0 && len(unknown.Tried) == 0 {
		var names []string
		for _, d := range all {
			names = append(names, d.Name)
		}
		return nil, fmt.Errorf("no SQLite dialect is called %q; there are %s", o.Dialect, strings.Join(names, ", "))
	}
	if len(found) == 0 {
		unknown.Proposals = table.Propose(p.Tables)
	}
	return nil, unknown
}
