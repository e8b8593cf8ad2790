using System.Runtime.Versioning;
using OrleansBatch.Agent.Tests;
using Xunit.MicrosoftTestingPlatform;

[assembly: SupportedOSPlatform("linux")]

// Besides the tests this program holds the agents that some of them kill: an agent needs a process of its own for that.
return args switch
{
    [AgentHost.Command, var directory] => await AgentHost.RunAsync(directory),
    [LeasedHost.Command, var directory, var lease] => await LeasedHost.RunAsync(directory, lease),
    _ => await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
};
