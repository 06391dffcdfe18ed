package dialect

import (
	"fmt"

	"asof/replay/store/postgres"
	"asof/replay/store/source"
	"asof/replay/store/table"
)

// pgContexts separates the streams of several applications in one table, unless one
// application is chosen.
func pgContexts(p *postgres.Probe, l *table.Layout, t *table.Table, column string, contexts []string) error {
	chosen, err := p.Opts.Choose(contexts)
	if err != nil {
		return err
	}
	l.Contexts = contexts
	if len(contexts) < 2 {
		return nil
	}
	e := postgres.Ref("e", t, column)
	if len(chosen) > 1 {
		l.Prefixed(e, chosen)
		l.Recognised += fmt.Sprintf("; of %d applications or tenants, whose streams begin with the name: %s", len(chosen), source.Listed(chosen, 5))
		return nil
	}
	l.OnlyWhere(e + " = " + table.QuoteText(chosen[0]))
	l.LeftOut = append(l.LeftOut, table.Counted("event", " of other applications or tenants ("+source.Listed(source.Without(contexts, chosen[0]), 5)+")", "SELECT count(*) FROM "+p.Name(t)+" WHERE "+table.QuoteName(t.Column(column).Name)+" <> "+table.QuoteText(chosen[0])))
	return nil
}
