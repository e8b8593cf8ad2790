using OrleansBatch.Client;
using OrleansBatch.Client.Output;
using OrleansBatch.Client.Transports;

// The host names a file of dependencies even where there is none, and Orleans would look for it.
AppContext.SetData("APP_CONTEXT_DEPS_FILES", string.Empty);

// The connection takes longest: it begins before anything else. The end of the process ends it: to say good-bye would take time for nothing.
var connection = EarlyGateway.Look(args, Environment.GetEnvironmentVariable) is { } gateway
    ? GatewayConnection.Begin(gateway, EarlyGateway.LookForCluster(args, Environment.GetEnvironmentVariable))
    : null;
using var interrupts = new Interrupts();
return await ConsoleProgram.RunAsync(args, Terminal.OfProcess(), connection, interrupts.Token);
