package postgres

import "asof/replay/store/table"

// Count counts versions by a window function: the transaction is READ ONLY, and may not
// create a temporary table.
func (p *Probe) Count(l *table.Layout, _ *table.Table, c table.Counting) error {
	l.From = p.Rows(c.Window())
	return nil
}
