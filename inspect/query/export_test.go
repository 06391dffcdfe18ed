package query

// SetExportLimits sets how many streams an export folds at once, and returns the function
// that undoes it.
func SetExportLimits(all, chunk int) (undo func()) {
	oldAll, oldChunk := mostAtOnce, exportChunk
	mostAtOnce, exportChunk = all, chunk
	return func() { mostAtOnce, exportChunk = oldAll, oldChunk }
}
