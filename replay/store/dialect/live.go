package dialect

import (
	"slices"
	"strings"

	"asof/replay/store/postgres"
	"asof/replay/store/table"
)

// liveOf describes the live tables of the categories that a query returns.
func liveOf(p table.RowProbe, categories string, of func(category string) (table.LiveTable, error)) ([]table.LiveTable, error) {
	names, err := p.Values("SELECT x.* FROM (" + categories + ") AS x ORDER BY 1")
	if err != nil {
		return nil, err
	}
	var out []table.LiveTable
	for _, name := range names {
		live, err := of(name)
		if err != nil {
			return nil, err
		}
		out = append(out, live)
	}
	return out, nil
}

// railsLive describes the live tables of classes, which Rails and Laravel name alike.
func railsLive(p table.RowProbe, sources []table.RowSource, column string) ([]table.LiveTable, error) {
	var out []table.LiveTable
	for _, s := range sources {
		name := s.Versions.Ref("v", column)
		found, err := liveOf(p, "SELECT DISTINCT "+name+" FROM "+p.Name(s.Versions)+" AS v WHERE "+name+" IS NOT NULL", func(class string) (table.LiveTable, error) {
			live, err := table.Live(p, class, railsTable(p, strings.ReplaceAll(class, `\`, "::")))
			if live.Table == nil {
				live.Reason = "there is no table that is named after " + class + ", with a primary key"
			}
			return live, err
		})
		if err != nil {
			return nil, err
		}
		for _, l := range found {
			if !slices.ContainsFunc(out, func(o table.LiveTable) bool { return o.Category == l.Category }) {
				out = append(out, l)
			}
		}
	}
	return out, nil
}

// loggedLive describes the live tables of a trigger for all tables. row is SQL for the row
// l as the trigger records it.
func loggedLive(p *postgres.Probe, t *table.Table, category, row string) ([]table.LiveTable, error) {
	return liveOf(p, "SELECT DISTINCT "+category+" FROM "+p.Name(t)+" AS v", func(name string) (table.LiveTable, error) {
		schema, short, qualified := strings.Cut(name, ".")
		if !qualified {
			schema, short = "public", name
		}
		live := table.LiveTable{Category: name, Reason: "there is no table " + name + " that this user may read, with a primary key"}
		found, err := p.Describe(schema, short)
		if err != nil || found == nil {
			return live, err
		}
		key, err := p.KeyOf(schema, short)
		if err != nil || len(key) == 0 {
			return live, err
		}
		live.Table, live.Reason, live.Data = found, "", row
		live.From = table.QuoteName(schema) + "." + table.QuoteName(short)
		live.Key = key
		live.Columns = table.LiveColumns(found, key, p.Options().TimeZone)
		for _, k := range key {
			live.Keys = append(live.Keys, "l."+table.QuoteName(k)+"::text")
		}
		return live, nil
	})
}
