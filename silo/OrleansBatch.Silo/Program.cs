using OrleansBatch.Silo;
using OrleansBatch.Silo.Options;

// Signals are the host's: it stops in order, however long that takes.
return await SiloCommand.Build().Parse(args).InvokeAsync(new() { ProcessTerminationTimeout = null });
