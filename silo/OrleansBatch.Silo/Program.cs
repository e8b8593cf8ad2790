using OrleansBatch.Silo;
using OrleansBatch.Silo.Options;

return await SiloCommand.Build().Parse(args).InvokeAsync();
