using System.Runtime.Versioning;
using OrleansBatch.Agent.Tests;
using Xunit.MicrosoftTestingPlatform;

[assembly: SupportedOSPlatform("linux")]

// Besides the tests this program holds the agent that one of them kills: an agent needs a process of its own for that.
return args is [AgentHost.Command, var directory]
    ? await AgentHost.RunAsync(directory)
    : await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
