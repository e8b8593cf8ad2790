using OrleansBatch.Storage.Tests;
using OrleansBatch.Storage.Tests.Sqlite;

// The tests, or the program that one of them kills.
if (args is [CommitUntilKilled.Command, var path])
{
    await CommitUntilKilled.RunAsync(path);
    return 0;
}

return args.Any(arg => arg is "--server" or "--internal-msbuild-node")
    ? await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
    : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
